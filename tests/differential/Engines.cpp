//===- tests/differential/Engines.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/differential/Engines.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/engine/CycleEngine.h"
#include "emulator/jit/Jit.h"
#include "emulator/ranks/RankEmulator.h"
#include <algorithm>
#include <functional>
#include <thread>

namespace hillock::differential {

namespace {

using Image = std::shared_ptr<const image::LoadedImage>;
using Made = Expected<std::unique_ptr<emu::Emulator>>;

/// Trace and last checkpoint of a run, or what went wrong.
struct Outcome {
  Trace trace;
  std::string checkpoint, problem;
};

bool failed(Error error, Outcome &outcome) {
  if (!error)
    return false;
  outcome.problem = "error: " + takeText(std::move(error));
  return true;
}

/// What the host sends before a step.
bool feed(const Spec &spec, uint32_t step, emu::Emulator &emulator,
          Outcome &outcome) {
  std::vector<emu::HostSpike> spikes;
  for (const HostEvent &event : spec.host) {
    if (event.step != step)
      continue;
    if (!event.direct)
      spikes.push_back({event.core, event.axon, event.atom, event.value});
    else if (failed(emulator.inject(event.core, event.compartment, event.port,
                                    event.value),
                    outcome))
      return false;
  }
  return !failed(emulator.send(spikes), outcome);
}

bool look(const image::LoadedImage &image, const emu::Emulator &emulator,
          Outcome &outcome) {
  for (uint32_t c = 0; c < image.cores.size(); ++c) {
    std::vector<Values> &states = outcome.trace.states.back().emplace_back();
    std::vector<std::string> names;
    for (const auto &state : image.programs[image.cores[c].program].states)
      names.push_back(state.name);
    names.push_back("q");
    for (const std::string &name : names) {
      auto values = emulator.read(c, name);
      if (!values)
        return !failed(values.takeError(), outcome);
      states.push_back(std::move(*values));
    }
  }
  return true;
}

/// Steps \p from .. \p to.
bool advance(const Spec &spec, const image::LoadedImage &image, uint32_t from,
             uint32_t to, emu::Emulator &emulator, Outcome &outcome) {
  for (uint32_t step = from; step <= to; ++step) {
    if (!feed(spec, step, emulator, outcome))
      return false;
    emulator.step();
    outcome.trace.spikes.emplace_back(emulator.spikes().begin(),
                                      emulator.spikes().end());
    outcome.trace.states.emplace_back();
    if (looksAt(step, spec.steps) && !look(image, emulator, outcome))
      return false;
  }
  return true;
}

void end(const image::LoadedImage &image, const emu::Emulator &emulator,
         Outcome &outcome) {
  for (uint32_t c = 0; c < image.cores.size(); ++c)
    outcome.trace.counters.push_back(emulator.counters(c));
  proto::Checkpoint checkpoint;
  if (failed(emulator.save(checkpoint), outcome))
    return;
  checkpoint.clear_clock();
  outcome.checkpoint = checkpoint.SerializeAsString();
}

Outcome runWhole(const Spec &spec, const image::LoadedImage &image, Made made) {
  Outcome outcome;
  if (!made) {
    failed(made.takeError(), outcome);
    return outcome;
  }
  if (advance(spec, image, 1, spec.steps, **made, outcome))
    end(image, **made, outcome);
  return outcome;
}

/// As runWhole(), but tells the emulator what comes in the next steps, as far
/// as values that are injected and states that are looked at allow.
Outcome runBlocks(const Spec &spec, const image::LoadedImage &image,
                  Made made) {
  Outcome outcome;
  if (!made) {
    failed(made.takeError(), outcome);
    return outcome;
  }
  std::vector<std::vector<emu::HostSpike>> host(spec.steps + 1);
  std::vector<bool> injects(spec.steps + 2);
  for (const HostEvent &event : spec.host)
    if (event.direct)
      injects[event.step] = true;
    else
      host[event.step].push_back(
          {event.core, event.axon, event.atom, event.value});
  for (uint32_t step = 1; step <= spec.steps;) {
    uint32_t last = step;
    while (!looksAt(last, spec.steps) && !injects[last + 1])
      ++last;
    for (const HostEvent &event : spec.host)
      if (event.direct && event.step == step)
        if (failed((*made)->inject(event.core, event.compartment, event.port,
                                   event.value),
                   outcome))
          return outcome;
    std::vector<emu::Spike> spikes;
    if (failed((*made)->run({host.data() + step, last - step + 1}, spikes),
               outcome))
      return outcome;
    outcome.trace.spikes.resize(last);
    for (const emu::Spike &spike : spikes)
      if (spike.step >= step && spike.step <= last)
        outcome.trace.spikes[spike.step - 1].push_back(spike);
      else
        outcome.problem = "a spike of another step";
    outcome.trace.states.resize(last);
    if (looksAt(last, spec.steps) && !look(image, **made, outcome))
      return outcome;
    step = last + 1;
  }
  end(image, **made, outcome);
  return outcome;
}

/// Interrupted after some steps, with the host's next spikes already sent, and
/// resumed elsewhere.
Outcome runResumed(const Spec &spec, const image::LoadedImage &image,
                   Made first, Made second) {
  Outcome outcome;
  if (!first || !second) {
    failed(llvm::joinErrors(first.takeError(), second.takeError()), outcome);
    return outcome;
  }
  const uint32_t cut = spec.steps / 2;
  if (!advance(spec, image, 1, cut, **first, outcome) ||
      !feed(spec, cut + 1, **first, outcome))
    return outcome;
  proto::Checkpoint checkpoint, arrived;
  if (failed((*first)->save(checkpoint), outcome))
    return outcome;
  if (!arrived.ParseFromString(checkpoint.SerializeAsString())) {
    outcome.problem = "the checkpoint does not parse";
    return outcome;
  }
  // It has a past of its own, which must be gone.
  (*second)->step();
  if (failed((*second)->restore(arrived), outcome))
    return outcome;
  if ((*second)->now() != cut)
    outcome.problem = "resumed at another step";
  proto::Checkpoint again;
  if (failed((*second)->save(again), outcome))
    return outcome;
  if (again.SerializeAsString() != checkpoint.SerializeAsString()) {
    outcome.problem = "a checkpoint changes when it is restored and saved";
    return outcome;
  }
  Spec rest = spec;
  std::erase_if(rest.host,
                [&](const HostEvent &event) { return event.step <= cut + 1; });
  if (advance(rest, image, cut + 1, spec.steps, **second, outcome))
    end(image, **second, outcome);
  return outcome;
}

emu::Options with(const Spec &spec, unsigned threads,
                  emu::Simd simd = emu::Simd::Auto) {
  emu::Options options;
  options.threads = threads;
  options.seed = spec.seed;
  options.simd = simd;
  return options;
}

Made plain(const Spec &spec, const Image &image, unsigned threads,
           emu::Simd simd = emu::Simd::Auto) {
  return emu::Emulator::create(image, with(spec, threads, simd));
}

/// Machine code from the first step on.
Made native(const Spec &spec, const Image &image, unsigned threads,
            emu::Simd simd = emu::Simd::Auto) {
  emu::Options options = with(spec, threads, simd);
  options.codegen = emu::createJit(simd);
  options.codegenAfter = 0;
  return emu::Emulator::create(image, options);
}

Made cycle(const Spec &spec, const Image &image, unsigned threads) {
  emu::CycleOptions options;
  options.parameters = {spec.steps % 2 ? "davies2018" : "sanafe"};
  auto engine = emu::CycleEngine::create(image, with(spec, threads), options);
  if (!engine)
    return engine.takeError();
  return std::unique_ptr<emu::Emulator>(std::move(*engine));
}

/// A team of threads; \p body gets the leader's emulator.
template <typename Body>
Outcome onRanks(const Spec &spec, const Image &image, unsigned ranks,
                unsigned threads, const Body &body) {
  auto team = emu::threadTeam(ranks);
  std::vector<std::thread> others;
  std::vector<std::string> problems(ranks);
  for (unsigned rank = 1; rank < ranks; ++rank)
    others.emplace_back([&, rank] {
      auto load = [&]() -> Expected<Image> { return image; };
      if (Error error = emu::serve(*team[rank], load))
        problems[rank] = takeText(std::move(error));
    });
  Outcome outcome;
  {
    emu::RankLeader leader(std::move(team[0]));
    outcome = body(leader.emulator(image, with(spec, threads)));
  }
  for (std::thread &other : others)
    other.join();
  for (const std::string &problem : problems)
    if (!problem.empty() && outcome.problem.empty())
      outcome.problem = "a rank: " + problem;
  return outcome;
}

struct Engine {
  std::string name;
  std::function<Outcome(const Spec &, const Image &)> run;
  bool slow = false; ///< makes machine code
};

const std::vector<Engine> &engines() {
  using emu::Simd;
  auto whole = [](unsigned threads, Simd simd) {
    return [=](const Spec &spec, const Image &image) {
      return runWhole(spec, *image, plain(spec, image, threads, simd));
    };
  };
  static const std::vector<Engine> list = {
      {"scalar", whole(1, Simd::Scalar)},
      {"avx2", whole(1, Simd::Avx2)},
      {"avx512", whole(1, Simd::Avx512)},
      {"2 threads", whole(2, Simd::Auto)},
      {"4 threads", whole(4, Simd::Auto)},
      {"blocks",
       [](const Spec &spec, const Image &image) {
         return runBlocks(spec, *image, plain(spec, image, 1));
       }},
      {"blocks, 3 threads",
       [](const Spec &spec, const Image &image) {
         return runBlocks(spec, *image, plain(spec, image, 3));
       }},
      {"cycle",
       [](const Spec &spec, const Image &image) {
         return runWhole(spec, *image, cycle(spec, image, 1));
       }},
      {"resumed",
       [](const Spec &spec, const Image &image) {
         return runResumed(spec, *image, plain(spec, image, 1),
                           plain(spec, image, 3));
       }},
      {"2 ranks",
       [](const Spec &spec, const Image &image) {
         return onRanks(spec, image, 2, 1, [&](Made made) {
           return runWhole(spec, *image, std::move(made));
         });
       }},
      {"4 ranks, resumed on them",
       [](const Spec &spec, const Image &image) {
         return onRanks(spec, image, 4, 2, [&](Made made) {
           return runResumed(spec, *image, plain(spec, image, 1),
                             std::move(made));
         });
       }},
      {"3 ranks, resumed elsewhere",
       [](const Spec &spec, const Image &image) {
         return onRanks(spec, image, 3, 1, [&](Made made) {
           return runResumed(spec, *image, std::move(made),
                             plain(spec, image, 2));
         });
       }},
      {"jit",
       [](const Spec &spec, const Image &image) {
         return runWhole(spec, *image, native(spec, image, 1));
       },
       true},
      {"jit, scalar",
       [](const Spec &spec, const Image &image) {
         return runWhole(spec, *image,
                         native(spec, image, 1, emu::Simd::Scalar));
       },
       true},
      {"jit, 2 threads, blocks",
       [](const Spec &spec, const Image &image) {
         return runBlocks(spec, *image, native(spec, image, 2));
       },
       true},
      {"jit, resumed",
       [](const Spec &spec, const Image &image) {
         return runResumed(spec, *image, plain(spec, image, 1),
                           native(spec, image, 1));
       },
       true},
  };
  return list;
}

} // namespace

std::vector<std::string> engineNames() {
  std::vector<std::string> names;
  for (const Engine &engine : engines())
    names.push_back(engine.name);
  return names;
}

std::string disagreement(const Spec &spec, const std::vector<std::string> &only,
                         Trace *expected, bool slow) {
  const Trace reference = runReference(spec);
  if (expected)
    *expected = reference;
  const Image image = toImage(spec);
  std::string checkpoint, first;
  for (const Engine &engine : engines()) {
    if (only.empty()
            ? engine.slow && !slow
            : std::find(only.begin(), only.end(), engine.name) == only.end())
      continue;
    const Outcome outcome = engine.run(spec, image);
    std::string what = outcome.problem;
    if (what.empty())
      what = compare(reference, outcome.trace);
    if (what.empty() && first.empty()) {
      first = engine.name;
      checkpoint = outcome.checkpoint;
    } else if (what.empty() && outcome.checkpoint != checkpoint) {
      what = "another checkpoint than of " + first;
    }
    if (!what.empty())
      return engine.name + ": " + what;
  }
  return {};
}

} // namespace hillock::differential
