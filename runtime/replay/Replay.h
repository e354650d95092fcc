//===- runtime/replay/Replay.h - Recorded traces of others ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Replays what other simulators of the chip recorded and compares every value
// of every step. Each case becomes an image: it is packed into words,
// serialized, parsed, loaded and run; the emulator sees nothing else of it but
// the host's spikes. Cases of learning go to emulator/learning without an
// image: compiled networks do not learn.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPLAY_REPLAY_H
#define HILLOCK_RUNTIME_REPLAY_REPLAY_H

#include "base/Error.h"
#include "emulator/core/Emulator.h"
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hillock::runtime {

/// Where simulators of the same chip disagree, each has its own model of the
/// compartment in dialects/neuron/library.
enum class Dialect {
  Nengo,  ///< nengo-loihi; what Hillock itself takes for Loihi 1
  Lava,   ///< lava-nc fixed point: no wrap of q, u wraps off by one
  Brian2, ///< brian2_loihi: u and v are not limited
};

struct ReplayOptions {
  unsigned threads = 1;
  /// Instead of the dialect of the simulator that the file names. Traces of
  /// registers that the chosen dialect does not have are not compared.
  /// Processes that only Lava has (TernaryLIF, Delta, RF, ...) stay Lava's.
  std::optional<Dialect> dialect;
};

/// "nengo", "lava" or "brian2".
Expected<Dialect> parseDialect(std::string_view name);
std::string_view dialectName(Dialect dialect);

/// The first value that differs in a case.
struct ReplayDifference {
  std::string caseName;
  std::string field; ///< "u", "A.v", or the column of a table
  uint64_t step = 0; ///< from 1; in a table of functions the row, from 1
  int64_t expected = 0;
  int64_t got = 0;
};

struct ReplayResult {
  std::string file;
  Dialect dialect = Dialect::Nengo;
  std::string chip;  ///< of a clocked trace, which has no dialect; else empty
  size_t cases = 0;  ///< compared: cases, networks, tables of functions
  size_t fields = 0; ///< traces and columns compared
  size_t values = 0; ///< single values compared
  /// One a case that differs, in the file's order.
  std::vector<ReplayDifference> differences;
  /// "name: why" of cases that could not be run.
  std::vector<std::string> skipped;

  bool matches() const { return differences.empty() && skipped.empty(); }
};

/// An Input error when the file cannot be read or is not a recording that is
/// known. Differences are part of the result, not errors.
Expected<ReplayResult> replayFile(const std::string &path,
                                  const ReplayOptions &options = {});
/// The same from text; \p name stands for the file in the result.
Expected<ReplayResult> replayText(std::string_view text,
                                  const std::string &name,
                                  const ReplayOptions &options = {});

/// A few lines for people: what was compared and the first differences.
std::string describe(const ReplayResult &result);

/// The voltages as the silicon's registers show them in the step of a spike:
/// the word starts to count the refractory period and reads 128 *
/// refract_delay, where "v" of the dynamics is 0 (nengo-loihi
/// hardware/interface.py; nengo-loihi#132, #170). What it reads in the rest of
/// the period is not published; "v" stands there. Input error when the core's
/// program has no states "v" and "ref".
Expected<std::vector<int32_t>> voltageReadout(const emu::Emulator &emulator,
                                              uint32_t core);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPLAY_REPLAY_H
