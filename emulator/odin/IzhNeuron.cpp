//===- emulator/odin/IzhNeuron.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ODIN's second neuron, twenty behaviours of Izhikevich in small integers that
// wrap at their width (Frenkel et al., TBioCAS 2019, section III). It is not
// described by the chip's documentation.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/LifNeuron.h"

namespace hillock::emu::odin {

namespace {

enum ResonSign : uint32_t { Pos = 0, Neg = 1, ZeroPos = 2, ZeroNeg = 3 };

int signed4(uint32_t value) { return static_cast<int>((value & 15) ^ 8) - 8; }

/// One kind of input a class: each uses half of the rules.
template <NeuronInput::Kind kKind> class Izhikevich {
  static constexpr bool tref = kKind == NeuronInput::Kind::Leak;
  static constexpr bool synaptic = kKind == NeuronInput::Kind::Synaptic;

public:
  Izhikevich(const Word128 &word, const NeuronInput &input)
      : old(word), word(word), input(input) {}

  NeuronUpdate run() {
    accumulate();
    stimulate();
    int next = nextCore();
    nextSign = nextResonSign(next);
    NeuronUpdate result;
    bool spike = result.spike = fires(next);
    if (!old.bit(97 + 1)) { // mixed_lock lets only single spikes out
      result.burstCount = static_cast<uint8_t>(param(12, 3));
      result.burstInterval = static_cast<uint8_t>(param(15, 3));
    }
    unsigned burst = result.burstCount + (result.burstCount != 7 ? 1 : 0);
    int rfr = static_cast<int>(param(22, 3));
    int stored = next;
    if (spike)
      stored = flag(29) || flag(40) ? rfr : -rfr;
    word.set(82, 4, static_cast<uint32_t>(stored) & 15);
    if (spike && flag(40))
      nextSign = Neg;
    word.set(106, 2, nextSign);
    delay(spike, next);
    locks(spike, next, result.burstCount);
    adaptThreshold(spike, burst);
    calcium(result, burst, signed4(static_cast<uint32_t>(stored)));
    result.word = word;
    result.resonance = static_cast<uint8_t>(nextSign);
    return result;
  }

private:
  uint32_t param(unsigned low, unsigned width) const {
    return old.bits(low, width);
  }
  bool flag(unsigned index) const { return old.bit(index); }
  bool enoughExcited(int value) const {
    return value >= 0 && value >= static_cast<int>(param(30, 3));
  }
  bool enoughInhibited(int value) const {
    return value < 0 && -value >= static_cast<int>(param(30, 3));
  }

  /// Input is collected until a chosen bit toggles.
  void accumulate() {
    uint32_t before = param(70, 11), after = before;
    if (tref)
      after -= flag(8) ? param(1, 7) : 0;
    else if (synaptic)
      after += static_cast<uint32_t>(input.inhibitory ? -input.weight
                                                      : input.weight);
    after &= 0x7FF;
    word.set(70, 11, after);
    bool tick = (before ^ after) >> (3 + param(9, 3)) & 1;
    overLeak = tick && tref;
    overExc = synaptic && tick && !input.inhibitory;
    overInh = synaptic && tick && input.inhibitory;
  }

  void stimulate() {
    strength = signed4(param(89, 4));
    running = signed4(param(93, 4));
    core = signed4(param(82, 4));
    threshold = (param(19, 3) + param(108, 4)) & 15;
    uint32_t zeroBefore = param(100, 2), kindBefore = param(102, 2);
    zero = tref && running == 0;
    bool lone = zero && !(zeroBefore & 2);
    loneExc = lone && (kindBefore & 1);
    loneInh = lone && (kindBefore & 2);
    if (tref) {
      word.set(93, 4, 0);
      word.set(89, 4, static_cast<uint32_t>(running) & 15);
      word.set(100, 2, (zeroBefore & 1) << 1 | (running != 0 ? 1 : 0));
      word.set(102, 2,
               (enoughInhibited(running) ? 2 : 0) |
                   (enoughExcited(running) ? 1 : 0));
    } else if (overExc && running != 7) {
      word.set(93, 4, static_cast<uint32_t>(running + 1) & 15);
    } else if (overInh && running != -7) {
      word.set(93, 4, static_cast<uint32_t>(running - 1) & 15);
    }
  }

  int nextCore() const {
    if ((flag(28) && param(86, 3) != 0) || (flag(97) && core == 0))
      return core;
    int next = core;
    if (tref)
      next = coreAfterLeak();
    else if (overInh)
      next = coreAfterInhibition();
    else if (overExc)
      next = coreAfterExcitation();
    return signed4(static_cast<uint32_t>(next));
  }
  int coreAfterLeak() const {
    if (flag(40))
      return param(106, 2) == ZeroNeg ? core - 1 : core;
    if (flag(81))
      return flag(124) ? core : core + 1;
    if (flag(47))
      return flag(99) ? core : core - running;
    if (flag(29) && param(86, 3) == 1 && core != 0)
      return 0;
    if (overLeak && core != 0)
      return core > 0 ? core - 1 : core + 1;
    return core;
  }
  int coreAfterInhibition() const {
    uint32_t sign = param(106, 2);
    if (flag(40)) {
      if (sign == ZeroNeg || sign == Neg)
        return core != 7 ? core + 1 : core;
      return core != 0 ? core - 1 : core;
    }
    if (flag(81) || core == (flag(36) ? -8 : 0))
      return core;
    return core - 1;
  }
  int coreAfterExcitation() const {
    uint32_t sign = param(106, 2);
    if (flag(40)) {
      if (sign == ZeroNeg || sign == Neg)
        return core != 0 ? core - 1 : core;
      return core != 7 ? core + 1 : core;
    }
    if (flag(81) || core == 7)
      return core;
    if (flag(35) && !enoughExcited(strength) && !enoughExcited(running))
      return core;
    return core + 1;
  }

  uint32_t nextResonSign(int next) const {
    uint32_t sign = param(106, 2);
    if (!flag(40))
      return Pos;
    if (!tref)
      return sign;
    if (core == 0)
      return Pos;
    switch (sign) {
    case Pos:
      return ZeroNeg;
    case Neg:
      return ZeroPos;
    case ZeroPos:
      return Pos;
    default:
      return next == 0 ? Pos : Neg;
    }
  }

  bool atThreshold(int value) const {
    return (static_cast<uint32_t>(value) & 15) == threshold;
  }
  /// The first behaviour that is enabled decides.
  bool fires(int next) const {
    if (flag(18))
      return overExc && param(86, 3) == param(67, 3);
    if (flag(28))
      return tref && param(86, 3) == 1;
    if (flag(37))
      return loneInh || atThreshold(next);
    if (flag(39))
      return (flag(104) ? next == 0 : loneExc) || atThreshold(next);
    if (flag(105))
      return next == 0;
    if (flag(40))
      return nextSign == Pos && atThreshold(next);
    return atThreshold(next);
  }

  /// The counter of depolarising after-potential, latency and resonance.
  void delay(bool spike, int next) {
    uint32_t count = param(86, 3);
    if (flag(18)) {
      if (tref && count != 7)
        ++count;
      else if (overExc)
        count = 0;
    } else if ((flag(29) && spike) ||
               (flag(28) && atThreshold(next) && !atThreshold(core))) {
      count = param(25, 3);
    } else if (tref && count != 0) {
      --count;
    }
    word.set(86, 3, count);
  }

  void locks(bool spike, int next, uint32_t burstCount) {
    bool strong = enoughExcited(running);
    if ((spike && (strong || enoughExcited(strength))) ||
        (tref && flag(99) && (core == 0 || flag(81)) && strong)) {
      word.set(97, 1, flag(33));
      word.set(98, 1, flag(34));
    } else if (!enoughExcited(strength)) {
      word.set(97, 2, 0);
    }
    if (tref)
      word.set(99, 1, 0);
    else if (spike)
      word.set(99, 1, 1);
    if (tref && flag(39) && loneExc)
      word.set(104, 1, !flag(104));
    bool inhibited = flag(105);
    if (flag(38) && !flag(81) && atThreshold(-core))
      inhibited = true;
    else if (zero)
      inhibited = false;
    word.set(105, 1, inhibited);
    if (spike || inhibited)
      word.set(81, 1, !flag(29) && param(22, 3) != 0 && !flag(40));
    else if (next == 0)
      word.set(81, 1, 0);
    if (spike && burstCount != 0)
      word.set(124, 1, 1);
    else if (input.burstEnd)
      word.set(124, 1, 0);
  }

  void adaptThreshold(bool spike, unsigned burst) {
    uint32_t thr = param(19, 3), mod = param(108, 4);
    bool variable = flag(41);
    LeakCounter counter =
        countLeak(param(112, 4), variable ? param(43, 4) : 0, tref, 4);
    word.set(112, 4, counter.count);
    if (flag(47)) {
      if (!tref)
        return;
      bool wide = (static_cast<uint32_t>(running) + thr) & 8;
      if (wide)
        mod = (running >= 0 ? 7 : 1) - thr;
      else
        mod = static_cast<uint32_t>(running);
    } else if (variable) {
      bool onSpike = flag(42);
      if (onSpike ? spike : overExc) {
        if (!flag(66))
          mod += threshold == 7 ? 0 : 1;
        else
          mod = ((7 - threshold) & 15) < burst ? 7 : mod + burst;
      } else if (!onSpike && overInh) {
        mod -= threshold == 1 ? 0 : 1;
      } else if (counter.pulse && mod != 0) {
        mod += signed4(mod) > 0 ? -1u : 1u;
      }
    }
    word.set(108, 4, mod & 15);
  }

  void calcium(NeuronUpdate &result, unsigned burst, int stored) {
    uint32_t level = param(116, 3);
    if (flag(48)) {
      LeakCounter counter = countLeak(param(119, 5), param(61, 5), tref, 5);
      word.set(119, 5, counter.count);
      level =
          nextCalcium(level, result.spike, counter.pulse, flag(66) ? burst : 1);
      word.set(116, 3, level);
      if (stored >= 0 && level >= param(52, 3)) {
        bool above = static_cast<uint32_t>(stored) >= param(49, 3);
        result.up = above && level < param(58, 3);
        result.down = !above && level < param(55, 3);
      }
    }
    result.calcium = static_cast<uint8_t>(level);
    result.potential = static_cast<uint8_t>(stored & 15);
  }

  const Word128 &old;
  Word128 word;
  const NeuronInput &input;
  bool overLeak = false, overExc = false, overInh = false;
  int strength = 0, running = 0; ///< of the stimulation: last period, this one
  int core = 0;
  uint32_t threshold = 0;
  bool zero = false, loneExc = false, loneInh = false;
  uint32_t nextSign = Pos;
};

} // namespace

NeuronUpdate updateIzhikevich(const Word128 &word, const NeuronInput &input) {
  switch (input.kind) {
  case NeuronInput::Kind::Leak:
    return Izhikevich<NeuronInput::Kind::Leak>(word, input).run();
  case NeuronInput::Kind::Synaptic:
    return Izhikevich<NeuronInput::Kind::Synaptic>(word, input).run();
  default:
    return Izhikevich<NeuronInput::Kind::None>(word, input).run();
  }
}

NeuronUpdate updateOdin(const Word128 &word, const NeuronInput &input) {
  return (word.lo & 1) ? updateLif(word, input) : updateIzhikevich(word, input);
}

} // namespace hillock::emu::odin
