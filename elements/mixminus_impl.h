// SPDX-License-Identifier: LGPL-2.1-or-later
// From the element to its C++ half, for its pads.
#pragma once

#include "elements/mix_engine.h"
#include "elements/mixminus.h"

namespace rooms {
MixEngine& mix_engine_of(SfuMixMinus* element);
}  // namespace rooms
