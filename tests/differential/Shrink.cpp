//===- tests/differential/Shrink.cpp - Small failures ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Takes away as much as possible of a network while it still fails:
// halves of a list first, then quarters, down to single entries, of one kind of
// thing after the other, until nothing more goes (delta debugging, Zeller and
// Hildebrandt 2002).
//
//===----------------------------------------------------------------------===//
#include "tests/differential/Engines.h"
#include <algorithm>

namespace hillock::differential {

namespace {

class Shrinker {
public:
  Shrinker(Spec spec, const std::function<bool(const Spec &)> &fails)
      : best(std::move(spec)), fails(fails) {}

  Spec run() {
    for (bool smaller = true; smaller;) {
      smaller = steps();
      smaller |= list([](Spec &spec) -> auto & { return spec.host; });
      for (size_t c = 0; c < best.cores.size(); ++c) {
        smaller |= emptyCore(c);
        smaller |=
            list([c](Spec &spec) -> auto & { return spec.cores[c].slots; });
        for (size_t r = 0; r < best.cores[c].rows.size(); ++r)
          smaller |= list([c, r](Spec &spec) -> auto & {
            return spec.cores[c].rows[r].synapses;
          });
        smaller |= lastCompartments(c);
        smaller |= simplify(c);
      }
    }
    return std::move(best);
  }

private:
  bool keepIf(Spec candidate) {
    if (!fails(candidate))
      return false;
    best = std::move(candidate);
    return true;
  }

  bool steps() {
    bool any = false;
    for (uint32_t cut = best.steps / 2; cut > 0; cut /= 2)
      while (best.steps > cut) {
        Spec candidate = best;
        candidate.steps -= cut;
        std::erase_if(candidate.host, [&](const HostEvent &event) {
          return event.step > candidate.steps;
        });
        if (!keepIf(std::move(candidate)))
          break;
        any = true;
      }
    return any;
  }

  /// Pieces of a list, from halves to single entries.
  template <typename Of> bool list(const Of &of) {
    bool any = false;
    for (size_t piece = (of(best).size() + 1) / 2; piece > 0; piece /= 2)
      for (size_t at = 0; at < of(best).size();) {
        Spec candidate = best;
        auto &entries = of(candidate);
        const size_t end = std::min(at + piece, entries.size());
        entries.erase(entries.begin() + static_cast<ptrdiff_t>(at),
                      entries.begin() + static_cast<ptrdiff_t>(end));
        if (keepIf(std::move(candidate)))
          any = true;
        else
          at += piece;
      }
    return any;
  }

  /// A core that does and hears nothing; others keep their numbers.
  bool emptyCore(size_t c) {
    if (best.cores[c].compartments <= 1)
      return false;
    Spec candidate = best;
    Core &core = candidate.cores[c];
    for (Row &row : core.rows)
      row.synapses.clear();
    core.slots.clear();
    truncate(candidate, c, 1);
    return keepIf(std::move(candidate));
  }

  static void truncate(Spec &spec, size_t c, uint32_t compartments) {
    Core &core = spec.cores[c];
    core.compartments = compartments;
    for (auto *values : {&core.params, &core.states})
      for (auto &[name, list] : *values)
        list.resize(compartments);
    std::erase_if(core.slots, [&](const Slot &slot) {
      return slot.compartment >= compartments;
    });
    std::erase_if(spec.host, [&](const HostEvent &event) {
      return event.core == c && event.direct &&
             event.compartment >= compartments;
    });
    // Axons keep their bases where these are left, rows what they then reach.
    for (Axon &axon : core.axons)
      axon.base = std::min(axon.base, compartments - 1);
    for (const Axon &axon : core.axons)
      for (uint32_t r = 0; r < axon.rows; ++r)
        std::erase_if(core.rows[axon.firstRow + r].synapses,
                      [&](const Synapse &synapse) {
                        return axon.base + synapse.target >= compartments;
                      });
  }

  bool lastCompartments(size_t c) {
    bool any = false;
    for (uint32_t cut = best.cores[c].compartments / 2; cut > 0; cut /= 2)
      while (best.cores[c].compartments > cut) {
        Spec candidate = best;
        truncate(candidate, c, best.cores[c].compartments - cut);
        if (!keepIf(std::move(candidate)))
          break;
        any = true;
      }
    return any;
  }

  /// Initial states, delays and payloads that do not matter.
  bool simplify(size_t c) {
    bool any = false;
    auto attempt = [&](const auto &change) {
      Spec candidate = best;
      if (change(candidate))
        any |= keepIf(std::move(candidate));
    };
    attempt([&](Spec &spec) {
      return !std::exchange(spec.cores[c].states, {}).empty();
    });
    attempt([&](Spec &spec) {
      bool changed = false;
      for (Row &row : spec.cores[c].rows)
        for (Synapse &synapse : row.synapses)
          changed |= std::exchange(synapse.delay, 0u) != 0;
      return changed;
    });
    attempt([&](Spec &spec) {
      bool changed = false;
      for (HostEvent &event : spec.host)
        if (event.core == c && !event.direct)
          changed |= std::exchange(event.value, 1) != 1;
      return changed;
    });
    return any;
  }

  Spec best;
  const std::function<bool(const Spec &)> &fails;
};

} // namespace

Spec shrink(Spec spec, const std::function<bool(const Spec &)> &fails) {
  return Shrinker(std::move(spec), fails).run();
}

} // namespace hillock::differential
