//===- tools/hillock/ChipRun.cpp ------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/ChipRun.h"
#include "emulator/core/Checkpoint.h"
#include "emulator/engine/CorePlaces.h"
#include "emulator/jit/Jit.h"
#include "emulator/ranks/MpiTeam.h"
#include "emulator/stream/StreamEmulator.h"
#include "tools/hillock/RankLaunch.h"
#include <filesystem>
#include <utility>

namespace hillock::tool {

/// Bytes of an image that is streamed unless told otherwise: it would take
/// several times as much in memory.
static constexpr uint64_t largeImage = uint64_t{256} << 20;

void ChipOptions::declare(CLI::App *verb) {
  verb->add_option("--checkpoint", checkpoint,
                   "Of a chip: write the state of the run into FILE now and "
                   "then, and at the end of the input")
      ->type_name("FILE");
  verb->add_option("--checkpoint-every", every, "So many steps apart")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--resume", resume,
                   "Go on where a checkpoint of this run is")
      ->type_name("FILE");
  verb->add_option("--stop-when", stopWhen,
                   "Of a chip: end the run early: spikes[=N] of all outputs, "
                   "NAME=N of an output or population, quiet[=N] steps")
      ->allow_extra_args(false)
      ->type_name("CONDITION");
  verb->add_option("--trace", traces,
                   "Of a chip: a time line of cores, links and barriers, "
                   ".perfetto-trace, .vcd or .fst")
      ->allow_extra_args(false)
      ->type_name("FILE");
  declareRanks(verb);
  verb->add_option("--stream", stream,
                   "Of an image: read it core by core and never hold it whole; "
                   "auto: when it has 256 MiB, or with --ranks, and nothing "
                   "asks for all of it")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

void ChipOptions::declareRanks(CLI::App *verb) {
  verb->add_option("--ranks", ranks,
                   "Of an image: spread the chips over so many processes (MPI)")
      ->check(CLI::Range(1u, 4096u))
      ->capture_default_str();
}

bool ChipOptions::launches() const { return ranks > 1 && !startedByMpi(); }

Expected<int> ChipOptions::launch(const std::string &imagePath,
                                  Output &out) const {
  if (isModelFile(imagePath))
    return makeError(ErrorKind::Usage, "a model runs in one process",
                     "--ranks " + std::to_string(ranks),
                     "compile it, and give the image");
  if (!emu::hasMpi())
    return emu::mpiTeam().takeError();
  Expected<int> code = launchRanks(
      ranks, checkpoint.empty() ? "with --checkpoint FILE 'run' can go on "
                                  "after such an end"
                                : "go on with --resume " + checkpoint +
                                      " if the file is there");
  out.silent = true;
  return code;
}

const char *ChipOptions::whole(const TimingOptions &timing) const {
  if (timing.cycle())
    return "--timing cycle";
  if (ranks > 1) // each does it for its own part
    return nullptr;
  return !checkpoint.empty() ? "--checkpoint"
         : !resume.empty()   ? "--resume"
         : !traces.empty()   ? "--trace"
                             : nullptr;
}

bool ChipOptions::streams(const std::string &imagePath, bool needsWhole) const {
  if (stream != "auto" || isModelFile(imagePath))
    return stream == "always";
  if (ranks > 1)
    return !needsWhole;
  std::error_code unknown; // who opens the file says what is wrong
  const auto bytes = std::filesystem::file_size(imagePath, unknown);
  return !unknown && bytes >= largeImage && !needsWhole;
}

Error ChipOptions::check(const Model &model) const {
  for (const std::string &path : traces)
    if (Error error = emu::checkTracePath(path))
      return error;
  if (model.image())
    return Error::success();
  return checkNone();
}

Error ChipOptions::checkNone() const {
  const char *asked = !checkpoint.empty()  ? "--checkpoint"
                      : !resume.empty()    ? "--resume"
                      : !stopWhen.empty()  ? "--stop-when"
                      : !traces.empty()    ? "--trace"
                      : ranks > 1          ? "--ranks"
                      : stream == "always" ? "--stream always"
                                           : nullptr;
  if (!asked)
    return Error::success();
  return makeError(ErrorKind::Usage, "only a chip's run has it", asked,
                   "give an image, or --level chip");
}

Expected<std::unique_ptr<ChipRun>> ChipRun::begin(const ChipOptions &options,
                                                  const std::string &imagePath,
                                                  Output &out) {
  std::unique_ptr<ChipRun> run(new ChipRun(options));
  for (const std::string &text : options.stopWhen) {
    Expected<runtime::StopCondition> condition =
        runtime::parseStopCondition(text);
    if (!condition)
      return condition.takeError();
    run->stops.push_back(std::move(*condition));
  }
  if (options.ranks > 1) {
    Expected<std::shared_ptr<emu::Team>> team = emu::mpiTeam();
    if (!team)
      return team.takeError();
    run->team = std::move(*team);
    if (run->team->size() != options.ranks)
      return makeError(ErrorKind::Usage,
                       "mpirun has started " +
                           std::to_string(run->team->size()) + " ranks",
                       "--ranks " + std::to_string(options.ranks),
                       "give mpirun -n the same number");
    if (run->team->rank() > 0) {
      out.silent = true;
      if (Error error = run->serve(imagePath))
        return std::move(error);
      return nullptr;
    }
    run->leader = std::make_unique<emu::RankLeader>(run->team);
  }
  if (!options.resume.empty()) {
    Expected<proto::Checkpoint> past = emu::readCheckpoint(options.resume);
    if (!past)
      return past.takeError();
    run->past = std::move(*past);
  }
  return run;
}

using ReaderPtr = std::shared_ptr<const image::ImageReader>;

static Expected<ReaderPtr> openReader(const std::string &imagePath) {
  Expected<image::ImageReader> reader = image::ImageReader::open(imagePath);
  if (!reader)
    return reader.takeError();
  return std::make_shared<const image::ImageReader>(std::move(*reader));
}

Error ChipRun::serve(const std::string &imagePath) {
  return emu::serve(
      *team,
      [&]() -> Expected<emu::CoreSource> {
        Expected<ReaderPtr> reader = openReader(imagePath);
        if (!reader)
          return reader.takeError();
        return emu::CoreSource(std::move(*reader));
      },
      emu::createJit());
}

Expected<std::unique_ptr<Model>>
ChipRun::openPart(const std::string &imagePath) {
  Expected<ReaderPtr> reader = openReader(imagePath);
  if (!reader)
    return reader.takeError();
  Expected<emu::LeaderImage> read = emu::LeaderImage::read(std::move(*reader));
  if (!read)
    return read.takeError();
  outline.emplace(std::move(*read));
  return imageModel(outline->image, imagePath);
}

Expected<std::unique_ptr<emu::Emulator>>
ChipRun::lead(Model &model, const emu::Options &chip, bool outputsOnly) {
  if (outline)
    return leader->emulator(*std::exchange(outline, std::nullopt), chip,
                            outputsOnly);
  // The hash of the file is what the others have.
  Expected<ReaderPtr> reader = openReader(model.path);
  if (!reader)
    return reader.takeError();
  return leader->emulator({model.image(), (*reader)->hash()}, chip,
                          outputsOnly);
}

Error ChipRun::makeTracer(std::shared_ptr<const image::LoadedImage> image,
                          const std::string &network,
                          emu::CycleOptions *cycle) {
  emu::TraceShape shape;
  shape.title = network.empty() ? "network" : network;
  for (const image::CoreTables &core : image->cores)
    shape.cores.push_back({core.chip, core.core});
  if (cycle) {
    shape.timed = true;
    const emu::ChipShape chips = emu::CorePlaces(*image).shape();
    shape.links = emu::linkNames(chips.width, chips.height);
    Expected<std::vector<emu::CostTable>> sets =
        emu::costTables(image->target, cycle->parameters);
    if (!sets)
      return sets.takeError();
    if (!sets->empty())
      shape.title += " (" + sets->front().name + ")";
  }
  Expected<std::unique_ptr<emu::Tracer>> made =
      emu::Tracer::create(options.traces, shape);
  if (!made)
    return made.takeError();
  tracer = std::move(*made);
  if (cycle)
    cycle->observe = [to = tracer, cyclePs = cycle->clock.cyclePs](
                         size_t set, const emu::StepTime &time,
                         const emu::ClockTotals &own) {
      // The first set's; a trace has one axis.
      if (set == 0)
        to->time(time, own, cyclePs);
    };
  return Error::success();
}

/// The emulator of large images is the quicker one, and has what a clock asks;
/// checkpoints it does not make.
Expected<std::unique_ptr<emu::Emulator>>
ChipRun::alone(Model &model, const emu::Options &chip, bool clocked) const {
  if (clocked && options.checkpoint.empty() && options.resume.empty() &&
      options.streams(model.path, false)) {
    Expected<image::ImageReader> reader = image::ImageReader::open(model.path);
    if (!reader)
      return reader.takeError();
    auto streamed = emu::createStreamed(std::move(*reader), chip);
    if (streamed)
      return streamed;
    llvm::consumeError(streamed.takeError()); // not every image can be
  }
  return emu::Emulator::create(model.image(), chip);
}

Expected<std::unique_ptr<Runner>>
ChipRun::runner(Model &model, unsigned threads, const TimingOptions &timing,
                bool outputsOnly, emu::CycleEngine *&clock) {
  const bool plain = !timing.cycle() && !leader && options.traces.empty();
  if (plain || !model.image())
    return model.runner(threads);
  const emu::Options chip = emu::hostOptions(threads);
  Expected<std::unique_ptr<emu::Emulator>> emulator =
      leader ? lead(model, chip, outputsOnly && plainSpikes(timing))
             : alone(model, chip, timing.cycle());
  if (!emulator)
    return emulator.takeError();
  emu::CycleOptions cycle = timing.cycleOptions();
  if (!options.traces.empty())
    if (Error error = makeTracer(model.image(), model.network,
                                 timing.cycle() ? &cycle : nullptr))
      return std::move(error);
  if (timing.cycle()) {
    Expected<std::unique_ptr<emu::CycleEngine>> engine =
        emu::CycleEngine::create(model.image(), std::move(*emulator), threads,
                                 cycle);
    if (!engine)
      return engine.takeError();
    clock = engine->get();
    *emulator = std::move(*engine);
  }
  if (tracer)
    *emulator = emu::traced(std::move(*emulator), tracer);
  return model.runnerOn(std::move(*emulator));
}

void ChipRun::addTo(LevelOptions &level) const {
  level.onChip = [this](runtime::RunOptions &run) {
    run.stopWhen = stops;
    if (past)
      run.resume = &*past;
    if (options.checkpoint.empty())
      return;
    run.keepEvery = options.every;
    run.keep = [path = options.checkpoint](const proto::Checkpoint &state) {
      return emu::writeCheckpoint(state, path);
    };
  };
}

Error ChipRun::finish() { return tracer ? tracer->finish() : Error::success(); }

std::vector<std::string> ChipRun::written() const {
  std::vector<std::string> paths = options.traces;
  if (!options.checkpoint.empty())
    paths.insert(paths.begin(), options.checkpoint);
  return paths;
}

} // namespace hillock::tool
