//===- backends/odin/Lint.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/Lint.h"
#include "emulator/odin/Neuron.h"
#include <algorithm>

namespace hillock::odin {

namespace {

enum Rule : unsigned {
  CutFrame,
  GateOpen,
  OpenLoop,
  NoRelease,
  NoFrameAfterWrite,
  RegisterMissing,
  NoSuchPlace,
  ValueCut,
  RegisterRead,
  NeuronUndefined,
  SynapseUndefined,
  AlwaysFires,
  NeverFires,
  LearningFlags,
  BeyondSweep,
  Bursts,
  Monitoring,
  Echo,
  GateAgain,
  ReadbackDiffers,
  kRules
};

constexpr LintRule kTable[kRules] = {
    {"cut-frame", Severity::Error,
     "the port has no chip select and finds frames by counting 40 clocks since "
     "reset, so every frame after this one is shifted",
     "send all 40 bits, or reset the chip before the next frame"},
    {"gate-open", Severity::Error,
     "memories are accessed only while SPI_GATE_ACTIVITY is 1; the write is "
     "lost and a read shows another word",
     "begin with SPI_GATE_ACTIVITY = 1"},
    {"open-loop", Severity::Error,
     "a write to a neuron runs its update: while the old word has a potential "
     "that reaches its threshold (all zeros do), each byte is a spike, which "
     "waits in the scheduler and is processed after the release",
     "set SPI_OPEN_LOOP to 1 before the first neuron and back after the last"},
    {"no-release", Severity::Error,
     "the network stays stopped: no event is processed",
     "end with SPI_GATE_ACTIVITY = 0"},
    {"no-frame-after-write", Severity::Error,
     "the request of a write falls with the next clock of SCK, until which the "
     "controller waits and does nothing else",
     "end with at least one more frame; the release of the gate will do"},
    {"register-missing", Severity::Error,
     "registers have no reset value: after power-up it is anything",
     "write all registers"},
    {"no-such-place", Severity::Error, "the chip ignores the frame",
     "check the address"},
    {"value-cut", Severity::Warning,
     "bits above the width of a register or of the byte are dropped",
     "write a value that fits"},
    {"register-read", Severity::Warning,
     "registers cannot be read: a frame with R set writes its data to them",
     "leave the read out"},
    {"neuron-undefined", Severity::Error,
     "the memory has no reset value, and the neuron is not disabled: it fires "
     "by chance",
     "write all its bytes, or disable it (top byte 0x80, mask 0x7f)"},
    {"synapse-undefined", Severity::Warning,
     "the memory has no reset value: the weight is anything",
     "write both synapses of the byte"},
    {"always-fires", Severity::Warning,
     "a neuron of threshold 0 fires at every event that reaches it, also of "
     "weight 0",
     "disable it, or give it a threshold"},
    {"never-fires", Severity::Note,
     "the threshold is compared without sign and the potential stops at 2047",
     "use a threshold of at most 2047"},
    {"learning-flags", Severity::Warning,
     "the flags for learning are not reset and are computed from the word as "
     "it was before each write: synapses to this neuron learn by flags of "
     "another word",
     "after its last byte write any byte with mask 0xff"},
    {"beyond-sweep", Severity::Warning,
     "neuron events and time references end at SPI_MAX_NEUR: only virtual "
     "events and its own time reference reach this neuron",
     "raise SPI_MAX_NEUR or disable it"},
    {"bursts", Severity::Error,
     "the slots of bursts keep four pushes after reset and then show undefined "
     "data, and a slot that ends within a sweep changes its event",
     "write 0 to SPI_BURST_TIMEREF"},
    {"monitoring", Severity::Warning,
     "the output shows states of one neuron and one synapse instead of spikes, "
     "and stalls the controller for each",
     "write 0 to SPI_OUT_AER_MONITOR_EN"},
    {"echo", Severity::Note,
     "the output shows events as they are processed, also those that came "
     "from outside, and no spike of a neuron directly",
     "write 0 to SPI_AER_SRC_CTRL_nNEUR to see spikes"},
    {"gate-again", Severity::Warning,
     "tinyODIN stops at once: a sweep that is running writes data of the SPI "
     "port to its neurons",
     "close the gate only when no event is waiting and none is sent"},
    {"readback-differs", Severity::Error,
     "the chip does not hold what was written",
     "check the wires and that SCK is at most a quarter of the clock"},
};

class Linter {
public:
  explicit Linter(const SpiStream &stream)
      : stream(stream), chip(stream.chip), state(stream.chip) {}

  std::vector<LintFinding> run() {
    for (const SpiStream::Cut &cut : stream.cuts)
      find(CutFrame, cut.frame,
           "has " + std::to_string(cut.bits) + " bits instead of 40");
    for (at = 0; at < stream.frames.size(); ++at)
      look(stream.frames[at]);
    at = std::string::npos;
    finish();
    std::vector<LintFinding> result;
    for (unsigned i = 0; i < kRules; ++i)
      if (found[i].count != 0)
        result.push_back(found[i]);
    return result;
  }

private:
  void find(Rule rule, size_t frame, std::string text) {
    LintFinding &one = found[rule];
    if (++one.count == 1)
      one = {&kTable[rule], frame, 1, std::move(text)};
  }
  void find(Rule rule, std::string text) { find(rule, at, std::move(text)); }

  void look(SpiFrame frame) {
    if (frame.kind() == SpiFrame::Kind::Register)
      lookAtRegister(frame);
    else if (frame.memory())
      lookAtMemory(frame);
    else
      find(NoSuchPlace, "command 3 is none");
    if (at < stream.answers.size() && stream.answers[at] >= 0)
      lookAtAnswer(frame, static_cast<uint8_t>(stream.answers[at]));
    if (frame.kind() == SpiFrame::Kind::Neuron && frame.writes() &&
        state.stopped())
      noteFlags(frame.neuron());
    state.apply(frame);
    if (frame.memory() && frame.writes())
      lastWrite = at;
  }

  void lookAtRegister(SpiFrame frame) {
    const unsigned address = frame.address();
    if (address >= registerCount(chip)) {
      find(NoSuchPlace, describe(chip, frame));
      return;
    }
    if (frame.reads())
      find(RegisterRead, describe(chip, frame));
    if (frame.data() >> registerBits(chip, address))
      find(ValueCut, registerName(chip, address) + " of " +
                         std::to_string(registerBits(chip, address)) +
                         " bits gets " + std::to_string(frame.data()));
    if (address == 0 && (frame.data() & 1)) {
      if (released && chip == Chip::Tiny)
        find(GateAgain, "the gate is closed again");
      released = false;
    } else if (address == 0) {
      released = true;
    }
  }

  void lookAtMemory(SpiFrame frame) {
    if (!state.stopped())
      find(GateOpen, describe(chip, frame));
    if (frame.kind() == SpiFrame::Kind::Neuron) {
      if (frame.neuronByte() >= neuronBytes(chip)) {
        find(NoSuchPlace, describe(chip, frame));
        return;
      }
      if (frame.writes() && state.stopped() && !state.openLoop() &&
          !knownDisabled(frame.neuron()))
        find(OpenLoop, describe(chip, frame) + " while SPI_OPEN_LOOP is " +
                           (state.known(1) ? "0" : "not written"));
    } else if (frame.address() >> 15) {
      find(NoSuchPlace, "synapse address " + std::to_string(frame.address()) +
                            " is taken for " +
                            std::to_string(frame.address() & 0x7FFF));
    }
    if (frame.writes() && frame.data() >> 16)
      find(ValueCut, describe(chip, frame) + " has bits above its mask");
  }

  void lookAtAnswer(SpiFrame frame, uint8_t byte) {
    const auto expected = state.shows(frame);
    if (expected && ((expected->value ^ byte) & expected->known) != 0)
      find(ReadbackDiffers, describe(chip, frame) + ", got " +
                                std::to_string(byte) + " instead of " +
                                std::to_string(expected->value));
  }

  unsigned disableBit() const {
    return chip == Chip::Tiny ? emu::odin::kDisableBitTiny
                              : emu::odin::kDisableBitOdin;
  }
  bool knownDisabled(unsigned neuron) const {
    return state.knownBits[neuron].bit(disableBit()) &&
           state.config.disabled(neuron);
  }

  /// A write computes the flags of the word before it.
  void noteFlags(unsigned neuron) {
    flagsKnown[neuron] = state.knownNeuron(neuron);
    flags[neuron] = flagsOf(state.config.neurons[neuron]);
  }
  static unsigned flagsOf(const Word128 &word) {
    const auto update = emu::odin::updateOdin(word, {});
    return (update.up ? 2u : 0u) | (update.down ? 1u : 0u);
  }

  void finish() {
    if (stream.frames.empty() || !state.known(0) || state.stopped())
      find(NoRelease, "the program ends with a closed gate");
    if (!stream.frames.empty() && lastWrite + 1 == stream.frames.size())
      find(NoFrameAfterWrite, lastWrite, "the last frame writes to a memory");
    for (unsigned i = 0; i < registerCount(chip); ++i)
      if (!state.known(i))
        find(RegisterMissing, registerName(chip, i) + " (address " +
                                  std::to_string(i) + ") is not written");
    for (unsigned n = 0; n < kNeurons; ++n)
      if (!knownDisabled(n))
        finishNeuron(n);
    finishSynapses();
    finishRegisters();
  }

  void finishNeuron(unsigned n) {
    const std::string name = "neuron " + std::to_string(n);
    if (!state.knownNeuron(n)) {
      find(NeuronUndefined, name + " is not disabled and has bytes that are "
                                   "not written");
      return;
    }
    const Word128 &word = state.config.neurons[n];
    const NeuronKind kind = neuronKind(chip, word);
    const int threshold = getField(word, *findField(kind, "thr"));
    if (threshold == 0)
      find(AlwaysFires, name + " has threshold 0");
    if (chip == Chip::Tiny && threshold > 2047)
      find(NeverFires, name + " has threshold " + std::to_string(threshold));
    if (chip == Chip::Tiny && state.known(3) &&
        n > state.config.registers.maxNeuron)
      find(BeyondSweep, name + " is enabled, SPI_MAX_NEUR is " +
                            std::to_string(state.config.registers.maxNeuron));
    if (chip == Chip::Odin && (!flagsKnown[n] || flags[n] != flagsOf(word)))
      find(LearningFlags,
           "the flags of " + name + " were last computed from another word");
  }

  /// Synapses of rows that are used: those of neurons that can fire, and rows
  /// that are written in part.
  void finishSynapses() {
    for (unsigned source = 0; source < kNeurons; ++source) {
      bool used = !knownDisabled(source);
      for (unsigned i = 0; i < 32; ++i)
        used |= state.knownWords[source * 32 + i] != 0;
      for (unsigned target = 0; used && target < kNeurons; ++target) {
        const uint32_t known = state.knownWords[source * 32 + target / 8];
        if (!knownDisabled(target) &&
            emu::odin::nibbleOf(known, target % 8) != 15)
          find(SynapseUndefined, "synapse " + std::to_string(source) + " -> " +
                                     std::to_string(target) +
                                     " is not written");
      }
    }
  }

  void finishRegisters() {
    const Registers &r = state.config.registers;
    const unsigned echo = chip == Chip::Tiny ? 2 : 19;
    if (state.known(echo) && r.aerFromController)
      find(Echo, "SPI_AER_SRC_CTRL_nNEUR is 1");
    if (chip == Chip::Tiny)
      return;
    if (r.burstTimeRef != 0 && state.known(18) && !state.openLoop())
      find(Bursts, "SPI_BURST_TIMEREF is " + std::to_string(r.burstTimeRef));
    if (r.monitor && state.known(20))
      find(Monitoring, "SPI_OUT_AER_MONITOR_EN is 1");
  }

  const SpiStream &stream;
  Chip chip;
  SpiState state;
  size_t at = 0;
  size_t lastWrite = std::string::npos - 1;
  bool released = false;
  std::array<unsigned, kNeurons> flags{};
  std::array<bool, kNeurons> flagsKnown{};
  std::array<LintFinding, kRules> found{};
};

} // namespace

llvm::StringRef severityName(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  }
  return "";
}

llvm::ArrayRef<LintRule> lintRules() { return kTable; }

std::vector<LintFinding> lint(const SpiStream &stream) {
  return Linter(stream).run();
}

std::string describe(const SpiStream &stream, const LintFinding &finding,
                     llvm::StringRef file) {
  std::string text = file.str() + ": ";
  if (finding.frame != std::string::npos)
    text += stream.place(finding.frame) + ": ";
  text += severityName(finding.rule->severity).str() + ": " + finding.text;
  if (finding.count > 1)
    text += " (and " + std::to_string(finding.count - 1) + " more)";
  return text + " [" + finding.rule->name +
         "]\n    trap: " + finding.rule->trap +
         "\n    do: " + finding.rule->remedy + "\n";
}

} // namespace hillock::odin
