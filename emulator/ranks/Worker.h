//===- emulator/ranks/Worker.h - Orders, carried out ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The leader broadcasts an order; all carry it out, the leader too; then all
// send it what they have found, or the text of what went wrong.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_RANKS_WORKER_H
#define HILLOCK_EMULATOR_RANKS_WORKER_H

#include "emulator/ranks/Part.h"
#include "emulator/ranks/Wire.h"
#include <optional>

namespace hillock::emu {

enum class Order : uint8_t {
  Load,     ///< threads, seed, hash, rank of each core, who is watched;
            ///< answer: hash of each own core
  Step,     ///< host spikes; answer: spikes
  Inject,   ///< core, compartment, port, value
  Read,     ///< state; answer: values of each own core that has it
  Counters, ///< answer: of each own core
  Reset,
  Save,    ///< answer: a checkpoint with the own cores
  Restore, ///< a checkpoint
  Leave,
};

/// What a rank answers: an error's kind and text, or nothing wrong and bytes.
std::string answerOf(Expected<std::string> result);

/// Carries out orders on the cores of a rank.
class Worker {
public:
  Worker(Team &team, CoreSource source, std::shared_ptr<LaneCodegen> codegen)
      : team(team), source(std::move(source)), codegen(std::move(codegen)) {}

  Expected<std::string> carryOut(Order order, wire::Reader &words);
  Part *cores() { return part.get(); }

private:
  Expected<std::string> load(wire::Reader &words);
  Expected<std::string> step(wire::Reader &words);
  Error inject(wire::Reader &words);
  Expected<std::string> read(const std::string &state) const;
  std::string counters() const;
  Expected<std::string> save() const;
  Error restore(const std::string &bytes);

  Team &team;
  std::optional<CoreSource> source; ///< until it is loaded
  std::shared_ptr<LaneCodegen> codegen;
  std::unique_ptr<Part> part;
  /// By core: a byte a compartment, whose spikes the leader wants to see; none
  /// when it wants all.
  std::vector<std::vector<uint8_t>> watched;
};

} // namespace hillock::emu

#endif // HILLOCK_EMULATOR_RANKS_WORKER_H
