//===- emulator/odin/OdinLanes.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// IzhNeuron.cpp and LifNeuron.h without a branch, in loops that compilers turn
// into vector code. Neurons of one sweep differ in every parameter, so branches
// on them are mispredicted. Words are taken apart into four columns of 32 bits.
//
//===----------------------------------------------------------------------===//
#include "emulator/odin/OdinLanes.h"
#include <cstring>

#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
#define HILLOCK_CLONES __attribute__((target_clones("avx2", "default")))
#endif
#endif
#ifndef HILLOCK_CLONES
#define HILLOCK_CLONES
#endif
#define HILLOCK_INLINE [[gnu::always_inline]] inline

namespace hillock::emu::odin {

namespace {

/// Truth values are 0 and 1 in all of this file.
using U = uint32_t;

/// Columns of a word, and what becomes of the upper two.
struct Lane {
  U a, b, c, d;
};
struct LaneResult {
  U c, d, spike, up, down;
};

HILLOCK_INLINE U pick(U condition, U yes, U no) {
  return condition != 0 ? yes : no;
}
HILLOCK_INLINE U is(bool condition) { return condition ? 1 : 0; }
HILLOCK_INLINE int signed4(U value) { return static_cast<int>(value ^ 8) - 8; }

struct Counted {
  U count, pulse;
};
/// countLeak() of a leak event.
HILLOCK_INLINE Counted countPulse(U count, U period, U mask) {
  U counts = is(period != 0), full = counts & is(count == period - 1);
  U next = pick(full, 0, (count + 1) & mask);
  return {pick(counts, next, count), full};
}

HILLOCK_INLINE U calciumAfter(U level, U spike, U pulse, U step) {
  U raised = level + step;
  raised = pick(is(raised > 7), 7, raised);
  U lowered = level - is(level != 0);
  return pick(spike & (pulse ^ 1), raised,
              pick(pulse & (spike ^ 1), lowered, level));
}

template <bool kLeak>
HILLOCK_INLINE LaneResult updateLifLane(const Lane &w, U weight, U inhibitory) {
  U core = w.c >> 6 & 0xFF, lost = weight;
  if (kLeak)
    lost = pick(w.a >> 8 & 1, w.a >> 1 & 0x7F, 0);
  U less = pick(is(core > lost), core - lost, 0);
  U more = core + weight;
  more = pick(is(more > 255), 255, more);
  core = kLeak ? less : pick(inhibitory, less, more);
  U spike = is(core >= (w.a >> 9 & 0xFF));
  core = pick(spike, 0, core);

  U learns = w.a >> 17 & 1, level = w.c >> 14 & 7, count = w.c >> 17 & 31;
  Counted counter = {count, 0};
  if (kLeak)
    counter = countPulse(count, w.b >> 3 & 31, 31);
  count = pick(learns, counter.count, count);
  level = pick(learns, calciumAfter(level, spike, counter.pulse, 1), level);
  U above = is(core >= (w.a >> 18 & 0xFF));
  U acts = learns & is(level >= (w.a >> 26 & 7));
  U up = acts & above & is(level < (w.b & 7));
  U down = acts & (above ^ 1) & is(level < (w.a >> 29 & 7));
  U c = (w.c & ~(U(0xFFFF) << 6)) | core << 6 | level << 14 | count << 17;
  return {c, w.d, spike, up, down};
}

/// The potential before a spike, and the sign of the resonator after it.
struct Potential {
  U core, sign;
};

/// Fields that several of the rules below need.
template <bool kLeak> struct Izhikevich {
  // Parameters, with the names of IzhNeuron.cpp.
  U sharp, latency, depolarises, negative, rebound, inhibitable, bistable;
  U resonates, varies, accommodates, rest;
  // State.
  U core, refractory, delay, locked, lockedMixed, done, bistLock, inhLock;
  U sign, threshold;
  int strength, running;
  U strongRunning, strongStrength;
  // Of this event.
  U accumulator, ticks, zero = 0, loneExc = 0, loneInh = 0, inhibitory;

  HILLOCK_INLINE Izhikevich(const Lane &w, U weight, U inhibits)
      : inhibitory(inhibits) {
    sharp = w.a >> 18 & 1;
    rest = w.a >> 22 & 7;
    latency = w.a >> 28 & 1;
    depolarises = w.a >> 29 & 1;
    negative = w.b >> 4 & 1;
    rebound = w.b >> 5 & 1;
    inhibitable = w.b >> 6 & 1;
    bistable = w.b >> 7 & 1;
    resonates = w.b >> 8 & 1;
    varies = w.b >> 9 & 1;
    accommodates = w.b >> 15 & 1;
    refractory = w.c >> 17 & 1;
    core = w.c >> 18 & 15;
    delay = w.c >> 22 & 7;
    strength = signed4(w.c >> 25 & 15);
    running = signed4((w.c >> 29 & 7) | (w.d & 1) << 3);
    locked = w.d >> 1 & 1;
    lockedMixed = w.d >> 2 & 1;
    done = w.d >> 3 & 1;
    bistLock = w.d >> 8 & 1;
    inhLock = w.d >> 9 & 1;
    sign = w.d >> 10 & 3;
    threshold = ((w.a >> 19 & 7) + (w.d >> 12 & 15)) & 15;
    int enough = static_cast<int>((w.a >> 30 & 3) | (w.b & 1) << 2);
    strongRunning = is(running >= 0) & is(running >= enough);
    strongStrength = is(strength >= 0) & is(strength >= enough);

    U before = w.c >> 6 & 0x7FF, added = weight;
    if (kLeak)
      added = pick(w.a >> 8 & 1, w.a >> 1 & 0x7F, 0);
    U after = kLeak ? before - added
                    : pick(inhibitory, before - added, before + added);
    accumulator = after & 0x7FF;
    ticks = (before ^ accumulator) >> 3 >> (w.a >> 9 & 7) & 1;
    if (kLeak) {
      zero = is(running == 0);
      U lone = zero & ((w.d >> 5 & 1) ^ 1);
      loneExc = lone & (w.d >> 6 & 1);
      loneInh = lone & (w.d >> 7 & 1);
    }
  }

  HILLOCK_INLINE U reaches(U value) const {
    return is((value & 15) == threshold);
  }

  HILLOCK_INLINE U coreAfterLeak(const Lane &w) const {
    U atZero = is(core == 0);
    U next = pick(ticks & (atZero ^ 1), core + pick(core >> 3, 1, 15), core);
    next = pick(depolarises & is(delay == 1), 0, next);
    next = pick(accommodates, pick(done, core, core - static_cast<U>(running)),
                next);
    next = pick(refractory, core + ((w.d >> 28 & 1) ^ 1), next);
    return pick(resonates, core - is(sign == 3), next);
  }
  HILLOCK_INLINE U coreAfterSynapse(const Lane &w) const {
    // A resonator swings: the sign tells which way is away from zero.
    U rises = is((sign & 1) == inhibitory);
    U swung = pick(rises, core + is(core != 7), core - is(core != 0));
    U atFloor = is(core == pick(negative, 8, 0));
    U weak = (w.b >> 3 & 1) & (strongStrength ^ 1) & (strongRunning ^ 1);
    U held = refractory | pick(inhibitory, atFloor, is(core == 7) | weak);
    U stepped = pick(held, core, pick(inhibitory, core - 1, core + 1));
    return pick(ticks, pick(resonates, swung, stepped), core);
  }
  HILLOCK_INLINE Potential nextPotential(const Lane &w) const {
    U held = (latency & is(delay != 0)) | (locked & is(core == 0));
    U moved = kLeak ? coreAfterLeak(w) : coreAfterSynapse(w);
    U next = pick(held, core, moved) & 15;
    U turned = sign;
    if (kLeak) {
      turned = pick(is(sign == 0), 3, 0);
      turned = pick(is(sign == 1), 2, turned);
      turned = pick(is(sign == 3), is(next != 0), turned);
      turned = pick(is(core == 0), 0, turned);
    }
    return {next, pick(resonates, turned, 0)};
  }

  /// The first behaviour that is enabled decides.
  HILLOCK_INLINE U fires(const Potential &p) const {
    U atZero = is(p.core == 0), reached = reaches(p.core);
    U result = pick(resonates, is(p.sign == 0) & reached, reached);
    result = pick(inhLock, atZero, result);
    result = pick(bistable, pick(bistLock, atZero, loneExc) | reached, result);
    result = pick(rebound, loneInh | reached, result);
    result = pick(latency, kLeak ? is(delay == 1) : 0, result);
    return result;
  }
  HILLOCK_INLINE U firesSharply(const Lane &w) const {
    return kLeak ? 0 : ticks & (inhibitory ^ 1) & is(delay == (w.c >> 3 & 7));
  }

  HILLOCK_INLINE U nextDelay(const Lane &w, U spike, U next) const {
    U cleared = kLeak ? delay + is(delay != 7)
                      : pick(ticks & (inhibitory ^ 1), 0, delay);
    U starts =
        (depolarises & spike) | (latency & reaches(next) & (reaches(core) ^ 1));
    U counted = kLeak ? delay - is(delay != 0) : delay;
    return pick(sharp, cleared, pick(starts, w.a >> 25 & 7, counted));
  }

  /// thrmod of 4 bits; \p burst is the count and the spike itself.
  HILLOCK_INLINE U nextModulation(const Lane &w, U spike, U burst,
                                  U pulse) const {
    U mod = w.d >> 12 & 15, thr = w.a >> 19 & 7;
    U onSpike = w.b >> 10 & 1, steps = w.c >> 2 & 1;
    U excited = kLeak ? 0 : ticks & (inhibitory ^ 1);
    U inhibited = kLeak ? 0 : ticks & inhibitory;
    U next = mod;
    if (kLeak)
      next = pick(pulse & is(mod != 0), mod + pick(is(mod < 8), 15, 1), mod);
    next = pick((onSpike ^ 1) & inhibited, mod - is(threshold != 1), next);
    U jump = pick(is(((7 - threshold) & 15) < burst), 7, mod + burst);
    U rise = pick(steps, jump, mod + is(threshold != 7));
    next = pick(pick(onSpike, spike, excited), rise, next);
    next = pick(varies, next, mod);
    if (kLeak) {
      U wide = (static_cast<U>(running) + thr) >> 3 & 1;
      U limit = pick(is(running >= 0), 7, 1) - thr;
      next =
          pick(accommodates, pick(wide, limit, static_cast<U>(running)), next);
    } else {
      next = pick(accommodates, mod, next);
    }
    return next & 15;
  }
};

template <bool kLeak>
HILLOCK_INLINE LaneResult updateIzhLane(const Lane &w, U weight, U inhibitory) {
  const Izhikevich<kLeak> n(w, weight, inhibitory);
  Potential p = n.nextPotential(w);
  U spike = pick(n.sharp, n.firesSharply(w), n.fires(p));
  U count = pick(n.lockedMixed, 0, w.a >> 12 & 7);
  U burst = count + is(count != 7);
  U upwards = n.depolarises | n.resonates;
  U stored = pick(spike, pick(upwards, n.rest, 0 - n.rest), p.core) & 15;
  U sign = pick(spike & n.resonates, 1, p.sign);
  U delay = n.nextDelay(w, spike, p.core);

  U sets = spike & (n.strongRunning | n.strongStrength);
  if (kLeak)
    sets |= n.done & (is(n.core == 0) | n.refractory) & n.strongRunning;
  U keeps = n.strongStrength;
  U phasic = pick(sets, w.b >> 1 & 1, n.locked & keeps);
  U mixed = pick(sets, w.b >> 2 & 1, n.lockedMixed & keeps);
  U done = kLeak ? 0 : n.done | spike;
  U bistLock = n.bistLock ^ (n.bistable & n.loneExc);
  U opposes = n.inhibitable & (n.refractory ^ 1) & n.reaches(0 - n.core);
  U inhLock = opposes | (n.inhLock & (n.zero ^ 1));
  // A lock that was set before holds for this event, whatever it becomes.
  U rests = (n.depolarises ^ 1) & is(n.rest != 0) & (n.resonates ^ 1);
  U refractory = pick(spike | inhLock, rests, n.refractory & is(p.core != 0));
  U burstLock = (w.d >> 28 & 1) | (spike & is(count != 0));

  Counted slow = {w.d >> 16 & 15, 0}, decay = {w.d >> 23 & 31, 0};
  U learns = w.b >> 16 & 1;
  if (kLeak) {
    slow = countPulse(slow.count, pick(n.varies, w.b >> 11 & 15, 0), 15);
    U period = (w.b >> 29 & 7) | (w.c & 3) << 3;
    decay = countPulse(decay.count, pick(learns, period, 0), 31);
  }
  U mod = n.nextModulation(w, spike, burst, slow.pulse);
  U level = w.d >> 20 & 7, step = pick(w.c >> 2 & 1, burst, 1);
  level = pick(learns, calciumAfter(level, spike, decay.pulse, step), level);
  U acts = learns & (stored >> 3 ^ 1) & is(level >= (w.b >> 20 & 7));
  U above = is(stored >= (w.b >> 17 & 7));
  U up = acts & above & is(level < (w.b >> 26 & 7));
  U down = acts & (above ^ 1) & is(level < (w.b >> 23 & 7));

  U strength = w.c >> 25 & 15, running = (w.c >> 29 & 7) | (w.d & 1) << 3;
  U zeros = w.d >> 4 & 3, kinds = w.d >> 6 & 3;
  if (kLeak) {
    int enough = static_cast<int>((w.a >> 30 & 3) | (w.b & 1) << 2);
    U weakInh = is(n.running < 0) & is(0 - n.running >= enough);
    strength = running;
    zeros = (zeros & 1) << 1 | (n.zero ^ 1);
    kinds = weakInh << 1 | n.strongRunning;
    running = 0;
  } else {
    U more = running + is(running != 7), less = running - is(running != 9);
    running = pick(n.ticks, pick(inhibitory, less, more), running) & 15;
  }
  U c = (w.c & 63) | n.accumulator << 6 | refractory << 17 | stored << 18 |
        delay << 22 | strength << 25 | running << 29;
  U d = (w.d & U(0xE) << 28) | running >> 3 | phasic << 1 | mixed << 2 |
        done << 3 | zeros << 4 | kinds << 6 | bistLock << 8 | inhLock << 9 |
        sign << 10 | mod << 12 | slow.count << 16 | level << 20 |
        decay.count << 23 | burstLock << 28;
  return {c, d, spike, up, down};
}

struct Columns {
  alignas(32) U in[4][kLanes];
  alignas(32) U c[kLanes], d[kLanes], spike[kLanes], up[kLanes], down[kLanes];
};

template <bool kLeak, bool kLif>
HILLOCK_INLINE void updateColumns(Columns &x, const U *weights, U inhibitory) {
  for (unsigned i = 0; i < kLanes; ++i) {
    Lane lane = {x.in[0][i], x.in[1][i], x.in[2][i], x.in[3][i]};
    U weight = kLeak ? 0 : weights[i];
    LaneResult r = kLif ? updateLifLane<kLeak>(lane, weight, inhibitory)
                        : updateIzhLane<kLeak>(lane, weight, inhibitory);
    // Both models run over all lanes of a mixed group.
    U mine = kLif ? lane.a & 1 : (lane.a & 1) ^ 1;
    x.c[i] = pick(mine, r.c, x.c[i]);
    x.d[i] = pick(mine, r.d, x.d[i]);
    x.spike[i] = pick(mine, r.spike & (lane.d >> 31 ^ 1), x.spike[i]);
    x.up[i] = pick(mine, r.up, x.up[i]);
    x.down[i] = pick(mine, r.down, x.down[i]);
  }
}

template <bool kLeak>
HILLOCK_INLINE void updateLanes(const Word128 *words, const U *weights,
                                U inhibitory, LaneUpdates &result) {
  Columns x;
  U models = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    U word[4];
    std::memcpy(word, words + i, sizeof word);
    for (unsigned k = 0; k < 4; ++k)
      x.in[k][i] = word[k];
    models += word[0] & 1;
    x.c[i] = x.d[i] = x.spike[i] = x.up[i] = x.down[i] = 0;
  }
  if (models != 0)
    updateColumns<kLeak, true>(x, weights, inhibitory);
  if (models != kLanes)
    updateColumns<kLeak, false>(x, weights, inhibitory);
  U spikes = 0, up = 0, down = 0;
  for (unsigned i = 0; i < kLanes; ++i) {
    spikes |= x.spike[i] << i;
    up |= x.up[i] << i;
    down |= x.down[i] << i;
    result.hi[i] = uint64_t(x.d[i]) << 32 | x.c[i];
  }
  result.spikes = spikes;
  result.up = up;
  result.down = down;
}

} // namespace

HILLOCK_CLONES
void leakLanes(const Word128 *words, LaneUpdates &result) {
  updateLanes<true>(words, nullptr, 0, result);
}

HILLOCK_CLONES
void exciteLanes(const Word128 *words, const std::array<uint32_t, 16> &weights,
                 bool inhibitory, LaneUpdates &result) {
  updateLanes<false>(words, weights.data(), inhibitory ? 1 : 0, result);
}

} // namespace hillock::emu::odin
