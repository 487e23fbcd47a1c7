// SPDX-License-Identifier: LGPL-2.1-or-later
// One connection to a source: a pipeline of its own, so that no error of it is on the room's bus
// and nothing it waits for is waited for by the room.
//
//   rtspsrc | rtmp2src | srtsrc | urisourcebin | PushedStream --> parsebin --> branch
//   (source_branch.h) --> appsink --> SourcePort
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "gst/core/guarded.h"
#include "gst/core/source/reorder_watch.h"
#include "gst/core/source/source_life.h"
#include "gst/core/source/source_uri.h"
#include "gst/glue/executor.h"
#include "gst/glue/ref.h"
#include "pipelines/pushed_stream.h"
#include "pipelines/source_branch.h"
#include "pipelines/source_port.h"

namespace rooms {

class SourcePipeline {
 public:
  struct Settings {
    SourceUri uri;
    SourceTransport transport = SourceTransport::kAuto;
    bool reencode = false;
    std::shared_ptr<PushedStream> stream;  ///< what comes of it, instead of what is at `uri`
  };
  struct Callbacks {
    /// A streaming thread. The port that takes the stream; null: nobody wants it.
    std::function<std::shared_ptr<SourcePort>(const SourceBranch& branch)> on_stream;
    // The executor's thread; each posts what it wants done to this pipeline.
    std::function<void(SourceProblem problem, std::string detail)> on_problem;
    std::function<void()> on_end;
    std::function<void()> on_reordering;  ///< of pictures that are passed on as they are
  };

  /// Executor's thread, as everything else here.
  SourcePipeline(Executor& executor, Settings settings, Callbacks callbacks);
  ~SourcePipeline();
  SourcePipeline(const SourcePipeline&) = delete;
  SourcePipeline& operator=(const SourcePipeline&) = delete;

  void start();
  /// Of media that came, since it began.
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  /// What it sends that nothing here decodes; empty: nothing of that kind.
  [[nodiscard]] std::string undecodable() const;

 private:
  struct Branch;
  Ref<GstElement> make_entry();
  Ref<GstElement> make_rtmp_entry();
  Ref<GstElement> make_srt_entry();
  static void on_entry_pad(GstElement* entry, GstPad* pad, gpointer self);
  static void on_parsed_pad(GstElement* parser, GstPad* pad, gpointer self);
  void add_parser(GstPad* pad);
  void add_branch(GstPad* pad);
  void drain(GstPad* pad);
  static GstFlowReturn on_sample(GstElement* appsink, gpointer branch);
  static GstPadProbeReturn on_picture(GstPad* pad, GstPadProbeInfo* info, gpointer branch);
  static GstPadProbeReturn on_paced(GstPad* pad, GstPadProbeInfo* info, gpointer branch);
  /// Running time of the pipeline to the time at which it is played in the room. The first of all
  /// its streams is played when it comes.
  Timestamp played_at(GstClockTime running);
  static gboolean on_bus_message(GstBus* bus, GstMessage* message, gpointer self);
  void on_error(GstMessage* message);

  Executor& executor_;
  const Settings settings_;
  const Callbacks callbacks_;
  Ref<GstElement> pipeline_;
  GSource* bus_watch_ = nullptr;
  Guarded<std::optional<Duration>> shift_;
  Guarded<std::string> undecodable_;
  std::atomic<std::uint64_t> packets_ = 0;
  std::atomic<bool> told_reordering_ = false;
};

}  // namespace rooms
