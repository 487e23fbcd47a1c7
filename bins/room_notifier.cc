// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bins/room_notifier.h"

#include <array>
#include <utility>

#include "gst/glue/ref.h"
#include "pipelines/connection_names.h"

namespace rooms {
namespace {

template <class... Texts>
void emit(GstElement* element, const char* signal, const Texts&... texts) {
  g_signal_emit_by_name(element, signal, texts.c_str()...);
}

/// Events that become no signal are those of clients of a server.
struct Signals {
  GstElement* element;

  void operator()(const event::ParticipantJoined& e) const {
    emit(element, "participant-joined", e.participant.id, e.participant.name);
  }
  void operator()(const event::ParticipantLeft& e) const {
    emit(element, "participant-left", e.participant, e.reason);
  }
  void operator()(const event::TrackAdded& e) const {
    emit(element, "track-added", e.track.id, e.track.participant,
         std::string(name_of(e.track.kind)), e.track.label, e.track.codec);
  }
  void operator()(const event::TrackRemoved& e) const {
    emit(element, "track-removed", e.track, e.participant);
  }
  void operator()(const event::Speaking& e) const {
    emit(element, "active-speaker", e.participant);
  }
  void operator()(const event::RecordingChanged& e) const {
    emit(element, "recording-changed", e.id, e.state, e.reason);
  }
  template <class Other>
  void operator()(const Other& /*event*/) const {}
};

}  // namespace

class MemberListener : public RoomListener {
 public:
  MemberListener(std::weak_ptr<RoomNotifier> notifier, std::string id)
      : notifier_(std::move(notifier)), id_(std::move(id)) {}

  void on_room_event(const RoomEvent& event) override {
    const auto* change = std::get_if<event::ConnectionChanged>(&event);
    const auto notifier = change ? notifier_.lock() : nullptr;
    if (!notifier) return;
    notifier->tell([id = id_, change = *change](GstElement* element) {
      emit(element, "connection-changed", id, std::string(name_of(change.role)),
           std::string(name_of(change.state)), change.reason);
    });
  }

 private:
  const std::weak_ptr<RoomNotifier> notifier_;
  const std::string id_;
};

RoomNotifier::RoomNotifier(GstElement* element,
                           std::function<void(const event::TapChanged&)> on_tap)
    : on_tap_(std::move(on_tap)) {
  g_weak_ref_init(&element_, element);
}

RoomNotifier::~RoomNotifier() {
  executor_.end();
  g_weak_ref_clear(&element_);
}

void RoomNotifier::tell(std::function<void(GstElement* element)> signal) {
  executor_.post([this, signal = std::move(signal)] {
    const auto element = adopt(GST_ELEMENT_CAST(g_weak_ref_get(&element_)));
    if (element) signal(element.get());
  });
}

void RoomNotifier::on_room_event(const RoomEvent& event) {
  tell([this, event](GstElement* element) {
    if (const auto* tap = std::get_if<event::TapChanged>(&event)) return on_tap_(*tap);
    std::visit(Signals{element}, event);
  });
}

std::shared_ptr<RoomListener> RoomNotifier::of_participant(const std::string& id) {
  return std::make_shared<MemberListener>(weak_from_this(), id);
}

void RoomNotifier::install_signals(GType type) {
  const auto install = [type](const char* name, guint texts) {
    const std::array<GType, 5> kinds{G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                                     G_TYPE_STRING};
    g_signal_newv(name, type, G_SIGNAL_RUN_LAST, nullptr, nullptr, nullptr, nullptr, G_TYPE_NONE,
                  texts, const_cast<GType*>(kinds.data()));
  };
  install("participant-joined", 2);
  install("participant-left", 2);
  install("track-added", 5);
  install("track-removed", 2);
  install("active-speaker", 1);
  install("recording-changed", 3);
  install("connection-changed", 4);
}

}  // namespace rooms
