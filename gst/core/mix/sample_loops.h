// SPDX-License-Identifier: LGPL-2.1-or-later
// The loops over samples in which a mixer spends its time, compiled for wider vectors as well,
// where the processor has them. Their results are the same on all of them.
#pragma once

#include <span>

#include "gst/core/bytes.h"
#include "gst/core/mix/sample_format.h"

namespace rooms {

/// To each of `total`, which has the same number.
void add_samples(std::span<const float> samples, std::span<double> total);
/// Rounded once, and saturated: S16 at its limits, F32 at -1 and 1. `out` has room for all.
void store_samples(std::span<const double> total, SampleFormat::Type type, MutableBytes out);
/// Likewise of `total` without `samples`.
void store_without(std::span<const double> total, std::span<const float> samples,
                   SampleFormat::Type type, MutableBytes out);

}  // namespace rooms
