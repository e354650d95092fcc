//===- base/Progress.h - Progress on a terminal -----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_PROGRESS_H
#define HILLOCK_BASE_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace hillock {

/// A bar on standard error while it is a terminal; silent otherwise. May be
/// advanced from several threads. The line is wiped when the object ends, so
/// that what is printed next starts in a clean line.
class Progress {
public:
  enum class Show { Auto, Never, Always };

  /// \p total 0 means unknown: a counter without bar and ETA.
  Progress(std::string label, uint64_t total, Show show = Show::Auto);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  void advance(uint64_t count = 1);
  uint64_t done() const;

  /// The line as shown, without control codes, cut to \p width columns:
  /// "label [=====>    ]  50% 5/10, 2.5/s, ETA 2.0 s".
  static std::string line(const std::string &label, uint64_t done,
                          uint64_t total, double seconds, unsigned width);

private:
  void draw();

  const std::string label;
  const uint64_t total;
  const bool visible;
  const std::chrono::steady_clock::time_point start;
  std::chrono::steady_clock::time_point drawn;
  uint64_t count = 0;
  bool onScreen = false;
  mutable std::mutex mutex;
};

} // namespace hillock

#endif // HILLOCK_BASE_PROGRESS_H
