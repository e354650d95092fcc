//===- emulator/odin/EdgeModel.h - The chip, edge by edge -------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written to be read: one call is one rising edge of the clock, and everything
// that the edge changes follows from the state before it. FastModel jumps over
// edges and must come to the same states.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_EMULATOR_ODIN_EDGEMODEL_H
#define HILLOCK_EMULATOR_ODIN_EDGEMODEL_H

#include "emulator/odin/ChipState.h"
#include "emulator/odin/Neuron.h"

namespace hillock::emu::odin {

/// What the controller did since the beginning.
struct Work {
  uint64_t neuronEvents = 0;  ///< sweeps over a row of synapses
  uint64_t virtualEvents = 0; ///< weights without a synapse
  uint64_t synapseEvents = 0; ///< ODIN: single synapses
  uint64_t leaks = 0;         ///< time references, of all neurons or one
  uint64_t drifts = 0;        ///< ODIN: bistability, of all rows or one
  uint64_t lost = 0;          ///< events that found the queue full
  /// Synaptic operations: a neuron event is one for each neuron of its sweep,
  /// also where the weight is 0.
  uint64_t sops = 0;
};

class EdgeModel {
public:
  /// \p recorder may be null and must outlive the model.
  EdgeModel(const ChipState &initial, Recorder *recorder)
      : s(initial), recorder(recorder) {}
  virtual ~EdgeModel() = default;

  /// At least one and at most \p edges edges with unchanged inputs. Stops
  /// after the edge at which AER acknowledge, AER request or idle() changes.
  /// Returns the number of edges.
  virtual uint64_t advance(const InputPins &pins, uint64_t edges);
  void edge(const InputPins &pins);
  /// Sends up to \p number bits of \p frame from \p bit on (0 is the highest
  /// of 40), each with SCK low and high for \p half cycles, if nothing comes of
  /// them but a shift. SCK is high before. Returns how many; 0: use advance().
  virtual unsigned shiftBits(const InputPins &pins, uint64_t frame,
                             unsigned bit, unsigned number, uint64_t half) {
    return 0;
  }

  const ChipState &state() const { return s; }
  const Work &work() const { return tally; }
  uint64_t cycles() const { return cycle; } ///< edges so far

protected:
  ChipState s;
  Recorder *recorder;
  uint64_t cycle = 0;
  Work tally;

  void lose() {
    ++tally.lost;
    if (recorder)
      recorder->lostPush(cycle);
  }
  /// The controller's state after the next edge.
  Fsm nextState(const InputPins &pins) const;
  /// What ends an advance() when it changes.
  int watched() const {
    return (s.aerInAck() ? 1 : 0) | (s.aerOut.request() ? 2 : 0) |
           (s.idle() ? 4 : 0);
  }

private:
  /// What an edge does besides the registers of the controller.
  struct Effects {
    bool push = false, pop = false;
    Event entry;
    Packets packets;
    uint8_t burstCount = 0, burstInterval = 0;
  };

  Fsm nextFromWait(const InputPins &pins) const;
  uint8_t neuronAddress(const InputPins &pins) const;
  uint32_t synapseAddress(const InputPins &pins) const;
  NeuronInput neuronInput(const InputPins &pins) const;
  void accessTinyNeuron(const InputPins &pins, Effects &effects);
  void accessOdinNeuron(const InputPins &pins, Effects &effects);
  /// The new synapses; \p flags are those before this edge.
  void accessSynapses(const InputPins &pins, Effects &effects);
  uint32_t writtenSynapses(const InputPins &pins, uint32_t address) const;
  void spiked(uint8_t neuron, Effects &effects);
  void controllerEvents(const InputPins &pins, Effects &effects);
  bool countsNeurons(const InputPins &pins) const;
  /// Counts what the controller begins.
  void begin(Fsm state);
};

} // namespace hillock::emu::odin

#endif // HILLOCK_EMULATOR_ODIN_EDGEMODEL_H
