//===- runtime/why/History.h - Who fired when -------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_WHY_HISTORY_H
#define HILLOCK_RUNTIME_WHY_HISTORY_H

#include "runtime/session/Session.h"
#include "runtime/why/Incoming.h"

namespace hillock::runtime {

/// A spike in the chip's steps, from 1; of an input the step that it is stamped
/// with. What it does is added 1 + delay steps later.
struct Firing {
  uint32_t step = 0;
  int32_t payload = 1; ///< of an input: how many messages
};

/// All spikes of a run by sender.
class History {
public:
  /// Runs \p steps steps of the network. \p stimuli as for Session::run().
  static Expected<History>
  record(std::shared_ptr<const image::LoadedImage> image,
         const std::map<std::string, Stimulus> &stimuli, int64_t steps);

  /// In order of time.
  std::span<const Firing> of(const Sender &sender) const;
  bool fired(const Sender &sender, uint64_t chipStep) const;
  uint64_t chipSteps() const { return steps; }

private:
  /// Lists one after the other: of the compartments of each core, then of the
  /// neurons of each input.
  std::vector<uint32_t> firstOfCore, firstOfPort, first;
  std::vector<Firing> list;
  uint64_t steps = 0;
};

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_WHY_HISTORY_H
