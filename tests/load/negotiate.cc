// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/load/negotiate.h"

#include <algorithm>

#include "gst/core/sdp/sections.h"
#include "gst/core/sdp/tokens.h"
#include "tests/load/sdp_text.h"

namespace rooms::load {
namespace {

constexpr std::uint8_t kOpusType = 111;

std::uint8_t id_of(const ExtensionIds& ids, Extension extension) {
  return ids[static_cast<std::size_t>(extension)];
}

SdpExtmap extmap(std::uint16_t id, Extension extension) {
  return {id, std::string(uri_of(extension)), Direction::kSendRecv};
}

SdpMedia section(MediaKind kind, std::string mid, Direction direction) {
  SdpMedia media;
  media.kind = kind;
  media.mid = std::move(mid);
  media.direction = direction;
  media.rtcp_rsize = true;
  media.extmaps = {extmap(2, Extension::kAbsSendTime), extmap(3, Extension::kTransportWide),
                   extmap(4, Extension::kMid)};
  return media;
}

SdpMedia audio_section(std::string mid, Direction direction) {
  auto media = section(MediaKind::kAudio, std::move(mid), direction);
  media.extmaps.insert(media.extmaps.begin(), extmap(1, Extension::kAudioLevel));
  media.formats = {{kOpusType, "opus", 48000, 2, "minptime=10;useinbandfec=1", {"transport-cc"}}};
  return media;
}

SdpMedia video_section(std::string mid, Direction direction, Codec codec) {
  auto media = section(MediaKind::kVideo, std::move(mid), direction);
  const auto* row = profile_of(codec);
  media.formats = {
      {row->payload_type,
       std::string(row->name),
       90000,
       0,
       std::string(row->fmtp),
       {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}},
      {row->rtx_payload_type, "rtx", 90000, 0, "apt=" + std::to_string(row->payload_type), {}}};
  return media;
}

void finish(SessionDescription& offer, const LocalEnd& local) {
  offer.extmap_allow_mixed = true;
  offer.session_id = 1;
  for (const auto& media : offer.media) offer.bundle.push_back(media.mid);
  auto transport = local.transport;
  transport.setup = "actpass";
  set_transport(offer, transport, local.candidates);
}

void announce(SdpMedia& media, const StreamNumbers& stream, const std::string& cname) {
  media.ssrcs.push_back({stream.ssrc, cname});
  if (stream.rtx_ssrc == 0) return;
  media.ssrcs.push_back({stream.rtx_ssrc, cname});
  media.ssrc_groups.push_back({"FID", {stream.ssrc, stream.rtx_ssrc}});
}

Result<RemoteEnd> remote_of(const SessionDescription& session) {
  RemoteEnd remote;
  for (const auto& media : session.media) {
    if (media.rejected) continue;
    if (remote.transport.ufrag.empty()) remote.transport = media.transport;
    for (const auto& line : media.candidates) {
      auto& known = remote.candidates;
      if (std::find(known.begin(), known.end(), line) == known.end()) known.push_back(line);
    }
  }
  const auto& transport = remote.transport;
  if (transport.ufrag.empty() || transport.pwd.empty() || transport.fingerprint_value.empty())
    return Error{"sdp-no-transport", "The server's SDP has no ICE user or no fingerprint."};
  if (remote.candidates.empty())
    return Error{"sdp-no-transport",
                 "The server's SDP has no candidates: it trickles, which is not done here."};
  return remote;
}

SendSettings send_settings(const SdpMedia& answered, std::uint8_t payload_type) {
  SendSettings settings;
  settings.mid = answered.mid;
  settings.payload_type = payload_type;
  settings.extension_ids = ids_of(answered.extmaps);
  for (const auto& format : answered.formats) {
    if (format.payload_type == payload_type) settings.active = !answered.rejected;
    if (equal_ignoring_case(format.name, "rtx")) settings.rtx_payload_type = format.payload_type;
  }
  settings.active &= receives(answered.direction);
  settings.transport_wide = id_of(settings.extension_ids, Extension::kTransportWide) != 0;
  return settings;
}

}  // namespace

SessionDescription offer_to_publish(const PublishPlan& plan, const LocalEnd& local) {
  SessionDescription offer;
  if (plan.audio) {
    auto media = audio_section("0", plan.hears ? Direction::kSendRecv : Direction::kSendOnly);
    media.msid_stream = plan.cname;
    media.msid_track = plan.cname + "-audio";
    announce(media, plan.audio_stream, plan.cname);
    offer.media.push_back(std::move(media));
  }
  if (plan.video) {
    auto media = video_section("1", Direction::kSendOnly, plan.codec);
    media.msid_stream = plan.cname;
    media.msid_track = plan.cname + "-video";
    if (plan.video_streams.size() == 1) {
      announce(media, plan.video_streams[0], plan.cname);
    } else {
      media.extmaps.push_back(extmap(10, Extension::kRid));
      media.extmaps.push_back(extmap(11, Extension::kRepairedRid));
      for (const auto& stream : plan.video_streams) {
        media.rids.push_back({stream.rid, true, ""});
        media.simulcast_send += (media.simulcast_send.empty() ? "" : ";") + stream.rid;
      }
    }
    offer.media.push_back(std::move(media));
  }
  finish(offer, local);
  return offer;
}

Result<Publishing> read_publish_answer(const PublishPlan& plan, const std::string& answer) {
  const auto session = read_sdp_text(answer);
  if (!session) return session.error();
  auto remote = remote_of(*session);
  if (!remote) return remote.error();
  Publishing publishing;
  publishing.remote = std::move(*remote);
  for (const auto& media : session->media) {
    if (media.kind == MediaKind::kAudio && plan.audio)
      publishing.audio = send_settings(media, kOpusType);
    if (media.kind != MediaKind::kVideo || !plan.video) continue;
    publishing.video = send_settings(media, profile_of(plan.codec)->payload_type);
    for (const auto layer : split(media.simulcast_recv, ';')) {
      if (!layer.empty()) publishing.rids.emplace_back(layer.substr(layer[0] == '~' ? 1 : 0));
    }
  }
  if (plan.audio && !publishing.audio.active)
    return Error{"refused", "The server does not take our Opus."};
  if (plan.video && !publishing.video.active) {
    return Error{"refused",
                 "The server does not take our " + std::string(name_of(plan.codec)) + "."};
  }
  if (plan.video_streams.size() > 1 && publishing.rids.empty())
    return Error{"refused", "The server does not take simulcast (no a=simulcast in its answer)."};
  return publishing;
}

SessionDescription offer_to_play(unsigned audio, unsigned video, Codec codec,
                                 const LocalEnd& local) {
  SessionDescription offer;
  for (unsigned i = 0; i < audio + video; ++i) {
    const auto mid = std::to_string(i);
    offer.media.push_back(i < audio ? audio_section(mid, Direction::kRecvOnly)
                                    : video_section(mid, Direction::kRecvOnly, codec));
  }
  finish(offer, local);
  return offer;
}

Result<Playing> read_playing(const std::string& sdp) {
  const auto session = read_sdp_text(sdp);
  if (!session) return session.error();
  auto remote = remote_of(*session);
  if (!remote) return remote.error();
  Playing playing;
  playing.remote = std::move(*remote);
  bool any = false;
  for (const auto& media : session->media) {
    if (media.rejected || media.kind == MediaKind::kApplication || !media.other_kind.empty())
      continue;
    if (!sends(media.direction)) continue;
    any = true;
    playing.reduced_size_rtcp |= media.rtcp_rsize;
    if (const auto id = id_of(ids_of(media.extmaps), Extension::kTransportWide))
      playing.transport_wide_id = id;
    for (const auto& format : media.formats) {
      auto& use = playing.uses[format.payload_type];
      use = media.kind == MediaKind::kAudio ? PacketUse::kAudio : PacketUse::kVideo;
      if (equal_ignoring_case(format.name, "rtx")) use = PacketUse::kRepair;
      playing.codecs[format.payload_type] = codec_named(format.name);
    }
  }
  if (!any) return Error{"refused", "The server sends nothing on any section."};
  return playing;
}

Result<std::string> answer_to_play(const std::string& offer, Codec codec, const LocalEnd& local) {
  auto session = read_sdp_text(offer);
  if (!session) return session.error();
  session->ice_lite = false;  // answer_publish speaks for a lite agent, and we are a full one
  auto answer = answer_publish(*session, {{Codec::kOpus}, {codec}});
  if (!answer) return answer.error();
  answer->answer.ice_lite = false;
  auto transport = local.transport;
  transport.setup = "active";
  set_transport(answer->answer, transport, local.candidates);
  return write_sdp(answer->answer);
}

}  // namespace rooms::load
