//===- emulator/stream/StreamCounters.h - Events of the cores ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Spikes are counted by sender, which is cheap, and dealt to the cores when
// somebody asks.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_STREAM_STREAMCOUNTERS_H
#define HILLOCK_EMULATOR_STREAM_STREAMCOUNTERS_H

#include "emulator/stream/StreamLoader.h"

namespace hillock::emu {

class StreamCounters {
public:
  using Senders = std::vector<FanOut::Sender>;

  explicit StreamCounters(const StreamTables &tables) : tables(tables) {}
  /// The tables have been loaded.
  void begin() { delivered.assign(tables.senders, 0); }
  /// Spikes of \p senders have been delivered. May be called for different
  /// senders at the same time.
  void count(std::span<const FanOut::Sender> senders);
  /// By core, after \p steps steps. Spikes of \p waiting, by worker, have been
  /// sent and not delivered.
  std::vector<CoreCounters> deal(uint64_t steps,
                                 std::span<const Senders> waiting) const;

private:
  const StreamTables &tables;
  std::vector<uint32_t> delivered; ///< by sender
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_STREAM_STREAMCOUNTERS_H
