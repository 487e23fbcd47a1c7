// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/media_source.h"

#include <algorithm>
#include <utility>

#include "gst/glue/clock.h"

namespace rooms {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(250);
/// rtspsrc tries UDP for five seconds before it asks for TCP; HLS has segments of ten.
constexpr Duration kLongestSilence = std::chrono::seconds(15);
/// A stream that nothing decodes may come with one that something does.
constexpr Duration kWaitForAnother = std::chrono::seconds(2);

}  // namespace

MediaSource::MediaSource(const std::string& name, SourcePipeline::Settings settings,
                         const Habits& habits, GstClockTime base_time, Callbacks callbacks)
    : settings_(std::move(settings)),
      can_end_(settings_.uri.can_end() || habits.most_retries),
      base_time_(base_time),
      callbacks_(std::move(callbacks)),
      life_(can_end_, habits.loop, habits.most_retries),
      executor_(std::make_unique<Executor>("source " + name)) {
  executor_->post([this] {
    watch_ = executor_->call_every(kLookEvery, [this] { watch(); });
    open();
  });
}

MediaSource::~MediaSource() {
  executor_->post([this] {
    watch_.cancel();
    retry_.cancel();
    ++connection_;  // what it has said just now comes behind this
    pipeline_.reset();
    if (settings_.stream) settings_.stream->hang_up();
  });
  executor_->end();
}

void MediaSource::open() {
  const unsigned connection = ++connection_;
  packets_seen_ = 0;
  last_media_ = monotonic_now();
  streams_.with([](std::vector<Stream>& streams) {
    for (auto& stream : streams) stream.taken = false;
  });
  const auto later = [this](auto method) { executor_->post([this, method] { method(*this); }); };
  SourcePipeline::Callbacks callbacks;
  callbacks.on_stream = [this](const SourceBranch& branch) { return port_for(branch); };
  callbacks.on_problem = [later, connection](SourceProblem problem, std::string detail) {
    later([=](MediaSource& self) { self.on_problem(connection, problem, detail); });
  };
  callbacks.on_end = [later, connection] {
    later([=](MediaSource& self) { self.on_end(connection); });
  };
  callbacks.on_reordering = [later, connection] {
    later([=](MediaSource& self) { self.on_reordering(connection); });
  };
  pipeline_ = std::make_unique<SourcePipeline>(*executor_, settings_, std::move(callbacks));
  pipeline_->start();
}

void MediaSource::close_and(std::optional<Duration> open_again) {
  ++connection_;  // what it still says is old
  pipeline_.reset();
  if (open_again) retry_ = executor_->call_later(*open_again, [this] { open(); });
}

void MediaSource::tell(const std::string& reason) {
  callbacks_.on_state({life_.state(), reason, life_.connections_lost()});
}

void MediaSource::watch() {
  if (!pipeline_) return;
  const auto now = monotonic_now();
  const auto packets = pipeline_->packets();
  if (packets != std::exchange(packets_seen_, packets)) {
    last_media_ = now;
    if (life_.on_media()) tell("");
    return;
  }
  const auto undecodable = pipeline_->undecodable();
  if (packets == 0 && !undecodable.empty() && now - last_media_ > kWaitForAnother)
    return on_problem(connection_, SourceProblem::kUndecodable, undecodable);
  // What was never recognised has no end that anybody tells.
  if (settings_.stream && settings_.stream->has_ended() && now - last_media_ > kWaitForAnother)
    return on_end(connection_);
  if (now - last_media_ < kLongestSilence) return;
  const bool nonsense = settings_.stream && packets == 0;
  on_problem(connection_, nonsense ? SourceProblem::kNothingThere : SourceProblem::kSilent, "");
}

void MediaSource::on_problem(unsigned connection, SourceProblem problem,
                             const std::string& detail) {
  if (connection != connection_) return;
  const auto next = life_.on_problem(problem, random());
  close_and(next.retry);
  tell(sentence_for(problem, detail));
}

void MediaSource::on_end(unsigned connection) {
  if (connection != connection_) return;
  const auto undecodable = pipeline_->undecodable();
  const bool empty = pipeline_->packets() == 0;
  if (empty && life_.state() == SourceState::kConnecting && can_end_)
    return on_problem(
        connection,
        undecodable.empty() ? SourceProblem::kNothingThere : SourceProblem::kUndecodable,
        undecodable);
  if (!empty) life_.on_media();
  const auto next = life_.on_end(random());
  close_and(next.retry);
  if (next.state != SourceState::kLive)
    tell(life_.is_over() ? (settings_.uri.is_live() ? "Its sender has ended it."
                                                    : "It has been played to its end.")
                         : sentence_for(SourceProblem::kUnreachable, "its stream ended"));
}

void MediaSource::on_reordering(unsigned connection) {
  if (connection != connection_) return;
  settings_.reencode = true;
  // Else the next keyframe would be waited for, which of an encoder in its default is ten seconds
  // away.
  if (settings_.stream) settings_.stream->rewind();
  close_and(life_.on_reopen().retry);
}

std::shared_ptr<SourcePort> MediaSource::port_for(const SourceBranch& branch) {
  std::shared_ptr<SourcePort> port;
  std::optional<std::vector<Stream>> changed;
  streams_.with([&](std::vector<Stream>& streams) {
    const auto known = std::find_if(streams.begin(), streams.end(), [&](const auto& one) {
      return one.branch.kind == branch.kind;
    });
    if (known != streams.end() && std::exchange(known->taken, true)) return;
    if (known != streams.end() && known->port->codec() == branch.codec) {
      if (known->branch.encodes != branch.encodes || known->branch.from != branch.from) {
        known->branch = branch;
        changed = streams;
      }
      port = known->port;
      return;
    }
    port = std::make_shared<SourcePort>(branch.kind, branch.codec, base_time_, g_random_int());
    if (known != streams.end())
      *known = {port, branch, true};
    else
      streams.push_back({port, branch, true});
    changed = streams;
  });
  if (changed) callbacks_.on_streams(std::move(*changed));
  return port;
}

}  // namespace rooms
