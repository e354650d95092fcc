//===- emulator/odin/FastModel.h - The chip, event by event -----*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Comes to the states of EdgeModel without taking every edge: the chip spends
// nearly all its cycles waiting, stalled by its AER output, or in sweeps over
// neurons and synapses in which nothing leaves the memories. Such stretches
// are computed at once; all other edges are EdgeModel's.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_FASTMODEL_H
#define HILLOCK_EMULATOR_ODIN_FASTMODEL_H

#include "emulator/odin/EdgeModel.h"

namespace hillock::emu::odin {

struct LaneUpdates;

class FastModel final : public EdgeModel {
public:
  using EdgeModel::EdgeModel;
  uint64_t advance(const InputPins &pins, uint64_t edges) override;
  unsigned shiftBits(const InputPins &pins, uint64_t frame, unsigned bit,
                     unsigned number, uint64_t half) override;

private:
  /// Whether the slow inputs (SPI, registers) stay as they are.
  bool calm(const InputPins &pins) const;
  /// Edges before the slot of bursts changes.
  uint64_t slotEdges() const;
  void slotPassed(uint64_t edges) {
    if (s.burstsEnabled())
      s.bursts.phase += static_cast<uint32_t>(edges);
  }
  /// Whether a spike has an effect outside its neuron.
  bool spikesLeave() const {
    return !s.openLoop.value ||
           (!s.registers.aerFromController && !s.registers.monitor);
  }
  /// The first neuron from \p begin on at which a sweep of ODIN does more than
  /// update it; kNeurons when there is none.
  unsigned nextReport(unsigned begin) const;
  /// Up to \p edges edges at once; 0 when the next one is not of that kind.
  uint64_t jump(const InputPins &pins, uint64_t edges);
  uint64_t jumpStall(const InputPins &pins, uint64_t edges);
  uint64_t jumpWait(const InputPins &pins, uint64_t edges);
  uint64_t jumpSweep(const InputPins &pins, uint64_t edges);
  uint64_t jumpDrift(const InputPins &pins, uint64_t edges);
  uint32_t driftRow(const InputPins &pins) const;
  /// Updates the neurons from \p begin up to the first that has an effect
  /// outside its memory, at most to \p end; returns where it stopped.
  unsigned sweepTiny(unsigned begin, unsigned end);
  unsigned sweepOdin(unsigned begin, unsigned end);
  /// What neuron \p index of ODIN gets in a sweep. Shows the synapses when it
  /// is the first of its word.
  NeuronInput sweepInput(unsigned index);
  /// Writes it, its flags and (first of a word) the learning synapses.
  void updateOdinNeuron(unsigned index, const NeuronInput &input);
  /// Writes neurons of one group of kLanes; \p row: their synapses, or null.
  void commitLanes(unsigned begin, unsigned end, const LaneUpdates &update,
                   uint32_t *row);
  /// The two edges of neuron neuronCount, which fires.
  void spikeInSweep(const InputPins &pins);
  /// Registers after a jump of \p edges.
  void passed(const InputPins &pins, uint64_t edges, Recorder::Run kind);
};

/// Updates neurons of tinyODIN from \p begin on; returns the index of the first
/// spike of an enabled neuron if \p stopAtSpikes, else \p end. Neurons from
/// there on are not touched. \p shown becomes the old word of the last one.
unsigned leakTinyNeurons(uint32_t *words, unsigned begin, unsigned end,
                         bool stopAtSpikes, uint32_t &shown);
/// \p row: the 32 synapse words of the source.
unsigned exciteTinyNeurons(uint32_t *words, const uint32_t *row, unsigned begin,
                           unsigned end, bool stopAtSpikes, uint32_t &shown);

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_FASTMODEL_H
