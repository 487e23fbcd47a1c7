// SPDX-License-Identifier: LGPL-2.1-or-later
// From the GObject to its C++ half, for the pads of the element.
#pragma once

#include "elements/router.h"
#include "elements/sfurouter.h"

namespace rooms {

Router& router_of(SfuRouter* element);

}  // namespace rooms
