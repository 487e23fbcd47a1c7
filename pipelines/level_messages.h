// SPDX-License-Identifier: LGPL-2.1-or-later
// What an element `level` of a branch (source_branch.h) says becomes levels of a port.
#pragma once

#include <gst/gst.h>

#include <memory>

#include "pipelines/source_port.h"

namespace rooms {

/// From now on the element "level" of the bin, if it has one, speaks for `port`.
void speak_for(GstBin* branch, std::shared_ptr<SourcePort> port);
/// Any thread. True: the message was one of those, and has been noted.
bool take_level(const GstMessage* message);

}  // namespace rooms
