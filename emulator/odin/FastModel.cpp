//===- emulator/odin/FastModel.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/FastModel.h"
#include "emulator/odin/Synapse.h"
#include <algorithm>

namespace hillock::emu::odin {

uint64_t FastModel::advance(const InputPins &pins, uint64_t edges) {
  int before = watched();
  bool steady = calm(pins);
  uint64_t done = 0;
  while (done < edges) {
    uint64_t step = steady ? jump(pins, edges - done) : 0;
    if (step == 0) {
      edge(pins);
      step = 1;
      steady = steady || calm(pins);
    }
    done += step;
    if (watched() != before)
      break;
  }
  return done;
}

bool FastModel::calm(const InputPins &pins) const {
  return !s.spi.changes(pins.sck) && !s.registers.monitor &&
         (s.registers.burstTimeRef == 0 || s.openLoop.value) &&
         s.openLoop.settled(s.registers.openLoop) &&
         s.gate.settled(s.registers.gateActivity) &&
         s.spiWrite.settled(s.spi.writeRequest()) &&
         s.spiRead.settled(s.spi.readRequest());
}

void FastModel::passed(const InputPins &pins, uint64_t edges,
                       Recorder::Run kind) {
  if (recorder) {
    Visible first = s.visible();
    if (kind != Recorder::Run::Still)
      ++first.controlCount;
    recorder->run(cycle, edges, first, kind);
  }
  if (kind != Recorder::Run::Still)
    s.controlCount += static_cast<uint32_t>(edges);
  s.aerIn.first = pins.aerInReq;
  if (edges > 1)
    s.aerIn.value = pins.aerInReq;
  cycle += edges;
}

uint64_t FastModel::jump(const InputPins &pins, uint64_t edges) {
  if (s.aerOut.busy())
    return jumpStall(pins, edges);
  if (!s.aerOut.settled(pins.aerOutAck))
    return 0;
  switch (s.fsm) {
  case Fsm::Wait:
  case Fsm::WaitReqDown:
  case Fsm::WaitSpiDown:
    return jumpWait(pins, edges);
  case Fsm::PopNeuron:
  case Fsm::TimeReference:
    return jumpSweep(pins, edges);
  case Fsm::Bistability:
    return jumpDrift(pins, edges);
  default:
    return 0;
  }
}

/// The controller stands still until the output event is acknowledged.
uint64_t FastModel::jumpStall(const InputPins &pins, uint64_t edges) {
  switch (s.fsm) {
  case Fsm::Wait:
    s.controlCount = 0;
    s.neuronCount = 0;
    break;
  case Fsm::WaitReqDown:
    if (!s.aerIn.settled(true) || !pins.aerInReq)
      return 0;
    break;
  case Fsm::PopNeuron:
  case Fsm::TimeReference:
  case Fsm::Bistability:
  case Fsm::AerPop:
    if (s.controlCount & 1 && s.fsm != Fsm::AerPop)
      return 0;
    break;
  default:
    return 0;
  }
  // A sweep shows the next words from the first of these edges on.
  if (s.fsm == Fsm::PopNeuron || s.fsm == Fsm::TimeReference) {
    s.neuronOut = s.chip == Chip::Tiny
                      ? Word128{s.tinyNeurons[s.neuronCount],
                                s.neuronOut.hi}
                      : s.odinNeurons[s.neuronCount];
    if (s.fsm == Fsm::PopNeuron && (s.neuronCount & 7) == 0)
      s.synapseOut = s.synapses[uint32_t(s.head().address) << 5 |
                                s.neuronCount >> 3];
  }
  if (s.aerOut.settled(pins.aerOutAck)) {
    passed(pins, edges, Recorder::Run::Still);
    return edges;
  }
  bool request = s.aerOut.request();
  uint64_t done = 0;
  while (done < edges && s.aerOut.busy() && s.aerOut.request() == request) {
    s.aerOut.clock({}, pins.aerOutAck);
    s.aerIn.clock(pins.aerInReq);
    if (recorder)
      recorder->edge(cycle, s.visible());
    ++cycle;
    ++done;
  }
  return done;
}

/// Waits for something that does not come with these inputs.
uint64_t FastModel::jumpWait(const InputPins &pins, uint64_t edges) {
  if (!s.aerIn.settled(pins.aerInReq) || nextState(pins) != s.fsm)
    return 0;
  if (s.fsm == Fsm::Wait) {
    s.controlCount = 0;
    s.neuronCount = 0;
    passed(pins, edges, Recorder::Run::Still);
  } else {
    passed(pins, edges, Recorder::Run::Control);
  }
  return edges;
}

uint64_t FastModel::jumpSweep(const InputPins &pins, uint64_t edges) {
  bool tiny = s.chip == Chip::Tiny, leak = s.fsm == Fsm::TimeReference;
  if ((s.controlCount & 1) ||
      (leak && inputKind(s.chip, pins.aerInAddress) != InputKind::LeakAll))
    return 0;
  // The last neuron and the one at which the controller reports an event take
  // their edges.
  unsigned begin = s.neuronCount, end = tiny ? s.registers.maxNeuron : 255u;
  if (!tiny && !leak && s.registers.aerFromController &&
      begin <= s.registers.monitorNeuron)
    end = std::min<unsigned>(end, s.registers.monitorNeuron);
  end = static_cast<unsigned>(std::min<uint64_t>(end, begin + edges / 2));
  if (begin >= end)
    return 0;
  unsigned stop = tiny ? sweepTiny(begin, end) : sweepOdin(begin, end);
  uint64_t done = 2 * uint64_t(stop - begin);
  if (done != 0) {
    passed(pins, done, Recorder::Run::Sweep);
    s.neuronCount = static_cast<uint8_t>(stop);
  }
  return done;
}

unsigned FastModel::sweepTiny(unsigned begin, unsigned end) {
  bool stopAtSpikes = !s.openLoop.value || !s.registers.aerFromController;
  uint32_t *words = s.tinyNeurons.data();
  if (s.fsm == Fsm::TimeReference)
    return leakTinyNeurons(words, begin, end, stopAtSpikes);
  const uint32_t *row = &s.synapses[uint32_t(s.head().address) << 5];
  unsigned stop = exciteTinyNeurons(words, row, begin, end, stopAtSpikes);
  if (stop != begin)
    s.synapseOut = row[(stop - 1) >> 3];
  return stop;
}

unsigned FastModel::sweepOdin(unsigned begin, unsigned end) {
  bool stopAtSpikes = !s.openLoop.value || !s.registers.aerFromController;
  bool leak = s.fsm == Fsm::TimeReference;
  NeuronInput input;
  input.kind = leak ? NeuronInput::Kind::Leak : NeuronInput::Kind::Synaptic;
  uint8_t source = s.head().address;
  input.inhibitory = !leak && s.registers.inhibitory[source];
  bool propagate = s.registers.propagateUnmapped;
  uint32_t *row = &s.synapses[uint32_t(source) << 5];
  for (unsigned i = begin; i < end; ++i) {
    unsigned group = i >> 3;
    bool opens = !leak && (i & 7) == 0;
    uint32_t word = opens ? row[group] : s.synapseOut;
    if (!leak)
      input.weight =
          static_cast<int8_t>(odinWeight(nibbleOf(word, i), propagate));
    const Word128 &old = s.odinNeurons[i];
    NeuronUpdate update = updateOdin(old, input);
    if (update.spike && stopAtSpikes && !old.bit(kDisableBitOdin))
      return i;
    if (opens) {
      s.synapseOut = word;
      if (s.up[group] | s.down[group])
        row[group] = learnWord(word, s.up[group], s.down[group],
                               s.registers.updateUnmapped);
    }
    s.neuronOut = old;
    s.odinNeurons[i] = update.word;
    unsigned bit = 1u << (i & 7);
    s.up[group] =
        static_cast<uint8_t>(update.up ? s.up[group] | bit
                                       : s.up[group] & ~bit);
    s.down[group] =
        static_cast<uint8_t>(update.down ? s.down[group] | bit
                                         : s.down[group] & ~bit);
  }
  return end;
}

uint64_t FastModel::jumpDrift(const InputPins &pins, uint64_t edges) {
  if (s.controlCount & 1)
    return 0;
  // The last word of a row takes its edges: they count rows.
  uint32_t row = pins.aerInAddress >> 8 & 0xFF;
  if (inputKind(s.chip, pins.aerInAddress) == InputKind::DriftAll)
    row = s.neuronCount;
  unsigned begin = s.controlCount >> 1 & 31;
  auto end = static_cast<unsigned>(std::min<uint64_t>(31, begin + edges / 2));
  if (begin >= end)
    return 0;
  for (unsigned i = begin; i < end; ++i) {
    uint32_t &word = s.synapses[row << 5 | i];
    s.synapseOut = word;
    word = driftWord(word, s.registers.updateUnmapped);
  }
  passed(pins, 2 * (end - begin), Recorder::Run::Control);
  return 2 * (end - begin);
}

} // namespace hillock::emu::odin
