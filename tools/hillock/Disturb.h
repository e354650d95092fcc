//===- tools/hillock/Disturb.h - Inputs made worse --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_DISTURB_H
#define HILLOCK_TOOLS_HILLOCK_DISTURB_H

#include "base/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace hillock::tool {

/// What is done to an input before the network sees it: noise, or a window set
/// to zero. Depends on seed, sample and element alone.
struct Disturbance {
  std::string name; ///< "noise gaussian:20", "occlude 8x8"; empty: nothing
  double sigma = 0;
  int64_t width = 0, height = 0; ///< 0: no window

  /// \p shape is that of \p x, rows and columns last; vectors have no window.
  void apply(std::vector<float> &x, const std::vector<int64_t> &shape,
             uint64_t sample, uint64_t seed) const;
  /// The part of a plane that the window covers.
  double coverage(const std::vector<int64_t> &shape) const;
};

/// Of --noise: "gaussian:10", "gaussian:10,20", "gaussian:10:50:10" (a sweep:
/// first, last, step); of --occlude: "8x8", "4x4,8x8", "2x2:14x14:4". Usage
/// errors say what to write. At most 100.
Expected<std::vector<Disturbance>>
parseDisturbances(const std::vector<std::string> &noise,
                  const std::vector<std::string> &occlude);

struct WindowSize {
  int64_t width = 0, height = 0;
};
/// "WxH" of an option.
Expected<WindowSize> parseWindow(const std::string &text,
                                 const std::string &option);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_DISTURB_H
