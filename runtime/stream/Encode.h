//===- runtime/stream/Encode.h - From images to spikes ----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_STREAM_ENCODE_H
#define HILLOCK_RUNTIME_STREAM_ENCODE_H

#include "runtime/stream/Stimulus.h"
#include <optional>

namespace hillock::runtime {

/// How a static image becomes a stimulus of \c steps steps. With p the value
/// divided by \c max, limited to 1:
enum class Encoding {
  Rate,    ///< a spike with probability p in every step
  Current, ///< p flows into an integrate-and-fire neuron with threshold 1 and
           ///< reset by subtraction: floor(steps * p) evenly spaced spikes
  Latency, ///< one spike in step round((1 - p) * (steps - 1)); none for p = 0
  None,    ///< the value itself, not divided, in every step
};

struct EncodeOptions {
  Encoding encoding = Encoding::Rate;
  int64_t steps = 100;
  /// The value that counts as full intensity (--encode-max). 0: 255 for
  /// 8-bit unsigned data, 1 for floats and booleans; needed for others.
  double max = 0;
  uint64_t seed = 1; ///< of Rate
};

/// "rate", "current", "latency", "none"; the inverse of encodingName().
std::optional<Encoding> parseEncoding(const std::string &name);
const char *encodingName(Encoding encoding);

/// Encodes one image of \p shape (its values in C order). \p sample is the
/// number of the image in its data set: the random numbers of Rate depend on
/// (seed, sample, step, pixel) and on nothing else. options.max must be set.
/// Errors: steps out of range, values that are not finite, or negative ones
/// where p is needed; \p where names the image.
Expected<Stimulus> encodeImage(std::span<const float> image,
                               std::vector<int64_t> shape, uint64_t sample,
                               const EncodeOptions &options,
                               const std::string &where);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_STREAM_ENCODE_H
