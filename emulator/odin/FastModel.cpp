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
  // Has an effect only once; the edge that follows sees no change any more.
  s.spi.pins(pins.sck, pins.mosi, s.registers, s.neuronOut, s.synapseOut);
  bool steady = calm(pins);
  uint64_t done = 0;
  while (done < edges) {
    uint64_t step =
        steady ? jump(pins, std::min(edges - done, slotEdges())) : 0;
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
  return !s.spi.changes(pins.sck) && s.openLoop.settled(s.registers.openLoop) &&
         s.gate.settled(s.registers.gateActivity) &&
         s.spiWrite.settled(s.spi.writeRequest()) &&
         s.spiRead.settled(s.spi.readRequest());
}

uint64_t FastModel::slotEdges() const {
  if (!s.burstsEnabled())
    return ~uint64_t(0);
  uint32_t length = s.registers.burstTimeRef;
  return s.bursts.phase < length ? length - s.bursts.phase : 0;
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
  slotPassed(edges);
  cycle += edges;
}

uint64_t FastModel::jump(const InputPins &pins, uint64_t edges) {
  if (edges == 0)
    return 0;
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
    // tinyODIN closes its gate even within a sweep.
    return s.gate.value ? 0 : jumpSweep(pins, edges);
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
                      ? Word128{s.tinyNeurons[s.neuronCount], s.neuronOut.hi}
                      : s.odinNeurons[s.neuronCount];
    if (s.fsm == Fsm::PopNeuron && (s.neuronCount & 7) == 0)
      s.synapseOut =
          s.synapses[uint32_t(s.head().address) << 5 | s.neuronCount >> 3];
  }
  if (s.fsm == Fsm::Bistability)
    s.synapseOut = s.synapses[driftRow(pins) << 5 | (s.controlCount >> 1 & 31)];
  if (s.aerOut.settled(pins.aerOutAck)) {
    passed(pins, edges, Recorder::Run::Still);
    return edges;
  }
  bool request = s.aerOut.request();
  uint64_t done = 0;
  while (done < edges && s.aerOut.busy() && s.aerOut.request() == request) {
    s.aerOut.clock({}, pins.aerOutAck);
    s.aerIn.clock(pins.aerInReq);
    slotPassed(1);
    if (recorder)
      recorder->edge(cycle, s.visible());
    ++cycle;
    ++done;
  }
  return done;
}

unsigned FastModel::shiftBits(const InputPins &pins, uint64_t frame,
                              unsigned bit, unsigned number, uint64_t half) {
  number = std::min(number, s.spi.quietBits());
  bool waits = s.fsm == Fsm::Wait || s.fsm == Fsm::WaitSpiDown;
  if (number == 0 || !waits || !calm(pins) || s.aerOut.busy() ||
      !s.aerOut.settled(pins.aerOutAck) || 2 * half * number > slotEdges() ||
      jumpWait(pins, 2 * half * number) == 0)
    return 0;
  s.spi.shift(frame >> (40 - bit - number) & ((uint64_t(1) << number) - 1),
              number);
  return number;
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
  // The last neuron takes its edges, and so does one at which something is
  // reported.
  unsigned begin = s.neuronCount, end = tiny ? s.registers.maxNeuron : 255u;
  if (!tiny)
    end = std::min(end, nextReport(begin));
  end = static_cast<unsigned>(std::min<uint64_t>(end, begin + edges / 2));
  if (begin >= end)
    return 0;
  unsigned stop = tiny ? sweepTiny(begin, end) : sweepOdin(begin, end);
  uint64_t done = 2 * uint64_t(stop - begin);
  if (done != 0) {
    passed(pins, done, Recorder::Run::Sweep);
    s.neuronCount = static_cast<uint8_t>(stop);
  }
  if (stop < end && done + 2 <= edges && !s.burstsEnabled()) {
    spikeInSweep(pins);
    done += 2;
  }
  return done;
}

unsigned FastModel::nextReport(unsigned begin) const {
  const Registers &r = s.registers;
  unsigned next = kNeurons;
  auto consider = [&](bool wanted, unsigned neuron) {
    if (wanted && neuron >= begin)
      next = std::min(next, neuron);
  };
  bool pop = s.fsm == Fsm::PopNeuron;
  consider(r.monitor || (pop && r.aerFromController), r.monitorNeuron);
  consider(r.monitor && pop && s.head().address == r.monitorSource,
           r.monitorNeuron & ~7u);
  consider(pop && s.burstPending() && s.head().last, s.head().address);
  return next;
}

void FastModel::spikeInSweep(const InputPins &pins) {
  passed(pins, 1, Recorder::Run::Control); // reads the neuron
  uint8_t neuron = s.neuronCount;
  if (s.chip == Chip::Tiny) {
    uint32_t &word = s.tinyNeurons[neuron];
    s.neuronOut.lo = word;
    word &= ~0xFFFu;
    if (s.fsm == Fsm::PopNeuron)
      s.synapseOut = s.synapses[uint32_t(s.head().address) << 5 | neuron >> 3];
  } else {
    updateOdinNeuron(neuron, sweepInput(neuron));
  }
  Packets packets;
  if (!s.registers.aerFromController && !s.registers.monitor)
    packets.add(neuron);
  if (!s.openLoop.value && !s.fifo.clock(true, {neuron, 0}, false))
    lose();
  s.aerOut.clock(packets, pins.aerOutAck);
  s.aerIn.clock(pins.aerInReq);
  ++s.controlCount;
  ++s.neuronCount;
  if (recorder)
    recorder->edge(cycle, s.visible());
  ++cycle;
}

unsigned FastModel::sweepTiny(unsigned begin, unsigned end) {
  bool stopAtSpikes = spikesLeave();
  uint32_t *words = s.tinyNeurons.data();
  auto shown = static_cast<uint32_t>(s.neuronOut.lo);
  unsigned stop;
  if (s.fsm == Fsm::TimeReference) {
    stop = leakTinyNeurons(words, begin, end, stopAtSpikes, shown);
  } else {
    const uint32_t *row = &s.synapses[uint32_t(s.head().address) << 5];
    stop = exciteTinyNeurons(words, row, begin, end, stopAtSpikes, shown);
    if (stop != begin)
      s.synapseOut = row[(stop - 1) >> 3];
  }
  s.neuronOut.lo = shown;
  return stop;
}

uint32_t FastModel::driftRow(const InputPins &pins) const {
  if (inputKind(s.chip, pins.aerInAddress) == InputKind::DriftAll)
    return s.neuronCount;
  return pins.aerInAddress >> 8 & 0xFF;
}

uint64_t FastModel::jumpDrift(const InputPins &pins, uint64_t edges) {
  if (s.controlCount & 1)
    return 0;
  // The last word of a row takes its edges: they count rows.
  uint32_t row = driftRow(pins);
  unsigned begin = s.controlCount >> 1 & 31;
  auto end = static_cast<unsigned>(std::min<uint64_t>(31, begin + edges / 2));
  unsigned watched = s.registers.monitorNeuron >> 3;
  if (s.registers.monitor && row == s.registers.monitorSource &&
      watched >= begin)
    end = std::min(end, watched);
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
