//===- image/ImageCheck.cpp - Do the parts of an image fit? ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Parallel.h"
#include "image/ImageFile.h"
#include "image/Pack.h"
#include <algorithm>
#include <cmath>
#include <set>

namespace hillock::image {

namespace {

constexpr const char *recompile = "the image is damaged: recompile the model";

/// \p error with the file's name in front of each place.
Error inFile(Error error, const std::string &name) {
  return llvm::handleErrors(std::move(error), [&](const Failure &failure) {
    return makeError(failure.kind, failure.what,
                     failure.where.empty() ? name : name + ": " + failure.where,
                     failure.remedy);
  });
}

Error bad(const std::string &what, const std::string &name,
          const std::string &place) {
  return inputError(what, name + ": " + place, recompile);
}

std::string coreName(const proto::Core &core) {
  return "core " + std::to_string(core.core()) + " of chip " +
         std::to_string(core.chip());
}

/// Elements of \p shape, or nullopt when there are more than 2^32.
std::optional<uint64_t>
elements(const google::protobuf::RepeatedField<uint32_t> &shape) {
  uint64_t count = 1;
  for (uint32_t extent : shape) {
    if (count * extent > UINT32_MAX) // both below 2^32
      return std::nullopt;
    count *= extent;
  }
  return count;
}

/// Every parameter has a field of its name somewhere on the core.
Error checkParams(const Program &program, const target::TargetModel &target) {
  for (const std::string &param : program.params) {
    bool found = false;
    std::vector<std::string> known;
    for (proto::Role role : {proto::COMPARTMENT, proto::COMPARTMENT_PROFILE,
                             proto::THRESHOLD_PROFILE, proto::CORE_CONFIG}) {
      found |= target.field(role, param) != nullptr;
      for (const proto::Field &field : target.memory(role)->field())
        known.push_back(field.name());
    }
    if (!found)
      return inputError("parameter '" + param +
                            "' is no field of a compartment, a profile or "
                            "the core of target '" +
                            target.name() + "'",
                        "program '" + program.name + "'",
                        didYouMean(param, known));
  }
  return Error::success();
}

/// What validate() learns on the way, for load().
struct Parts {
  target::TargetModel target;
  std::vector<Program> programs;
};

Error programsOf(const proto::Image &image, Parts &parts) {
  std::set<std::string> names;
  for (const proto::Program &stored : image.program()) {
    Expected<Program> program = fromProto(stored);
    if (!program)
      return program.takeError();
    if (!names.insert(program->name).second)
      return inputError("two programs have this name",
                        "program '" + program->name + "'", recompile);
    if (Error error = checkParams(*program, parts.target))
      return error;
    parts.programs.push_back(std::move(*program));
  }
  return Error::success();
}

Error checkCores(const proto::Image &image, const Parts &parts,
                 const std::string &name) {
  const proto::Core *last = nullptr;
  for (const proto::Core &core : image.core()) {
    const auto place = std::pair(core.chip(), core.core());
    if (last && std::pair(last->chip(), last->core()) >= place)
      return bad("cores are not sorted, or one occurs twice", name,
                 coreName(core));
    last = &core;
    if (core.chip() >= parts.target.maxChips() ||
        core.core() >= parts.target.coresPerChip())
      return bad(
          "target '" + parts.target.name() + "' has " +
              withSeparators(uint64_t{parts.target.maxChips()}) + " chips of " +
              withSeparators(uint64_t{parts.target.coresPerChip()}) + " cores",
          name, coreName(core));
    if (core.program() >= parts.programs.size())
      return bad("program " + std::to_string(core.program()) + " of " +
                     std::to_string(parts.programs.size()),
                 name, coreName(core));
  }
  return Error::success();
}

Expected<Parts> partsOf(const proto::Image &image, const std::string &name) {
  if (image.format() != imageFormat)
    return inputError("the image has format " + std::to_string(image.format()) +
                          ", this program reads format " +
                          std::to_string(imageFormat),
                      name,
                      "recompile the model, or use the version of hillock "
                      "that wrote it");
  Parts parts;
  Expected<target::TargetModel> target =
      target::TargetModel::create(image.target(), name + ": target");
  if (!target)
    return target.takeError();
  parts.target = std::move(*target);
  if (Error error = programsOf(image, parts))
    return inFile(std::move(error), name);
  if (Error error = checkCores(image, parts, name))
    return std::move(error);
  return std::move(parts);
}

/// The checks that need the decoded tables of all cores.
class CrossCheck {
public:
  CrossCheck(const LoadedImage &image, const std::string &name)
      : image(image), name(name) {}

  Error run() {
    for (const CoreTables &core : image.cores) {
      if (Error error = states(core))
        return error;
      if (Error error = outputs(core))
        return error;
    }
    if (Error error = io())
      return error;
    return debug();
  }
  Error states(const CoreTables &core) const;

private:
  Error outputs(const CoreTables &core);
  Error io() const;
  Error port(const proto::Port &port, bool isInput) const;
  Error entry(const proto::Port &port, bool isInput, int i,
              const std::string &place) const;
  Error debug() const;
  const CoreTables *find(uint32_t chip, uint32_t core);

  const LoadedImage &image;
  const std::string &name;
  const CoreTables *lastFound = nullptr;
};

const CoreTables *CrossCheck::find(uint32_t chip, uint32_t core) {
  const auto place = std::pair(chip, core);
  // Axons of a compartment mostly lead to few cores, one after the other.
  if (lastFound && std::pair(lastFound->chip, lastFound->core) == place)
    return lastFound;
  const auto found =
      std::lower_bound(image.cores.begin(), image.cores.end(), place,
                       [](const CoreTables &a, const auto &b) {
                         return std::pair(a.chip, a.core) < b;
                       });
  if (found == image.cores.end() ||
      std::pair(found->chip, found->core) != place)
    return nullptr;
  return lastFound = &*found;
}

Error CrossCheck::states(const CoreTables &core) const {
  const Program &program = image.programs[core.program];
  for (const auto &[state, values] : core.initialState)
    if (program.stateIndex(state) < 0)
      return bad("there are initial values of '" + state +
                     "', which program '" + program.name + "' does not have",
                 name,
                 "core " + std::to_string(core.core) + " of chip " +
                     std::to_string(core.chip));
  return Error::success();
}

Error CrossCheck::outputs(const CoreTables &core) {
  for (size_t i = 0; i < core.axonsOut.size(); ++i) {
    const AxonOut &out = core.axonsOut[i];
    const auto wrong = [&](const std::string &what) {
      return bad(what, name,
                 "core " + std::to_string(core.core) + " of chip " +
                     std::to_string(core.chip) + ", output axon " +
                     std::to_string(i));
    };
    const CoreTables *to = find(out.chip, out.core);
    if (!to)
      return wrong("it leads to core " + std::to_string(out.core) +
                   " of chip " + std::to_string(out.chip) +
                   ", which is not in the image");
    if (out.axon >= to->axonsIn.size())
      return wrong("it leads to input axon " + std::to_string(out.axon) +
                   " of " + std::to_string(to->axonsIn.size()));
    const AxonIn &in = to->axonsIn[out.axon];
    if (in.type != out.type)
      return wrong("it leads to an input axon of another type");
    if (out.atom >= in.popRows)
      return wrong("atom " + std::to_string(out.atom) + " of " +
                   std::to_string(in.popRows));
  }
  return Error::success();
}

Error CrossCheck::io() const {
  const proto::Io &io = image.proto.io();
  if (!std::isfinite(io.dt_seconds()) || io.dt_seconds() < 0)
    return bad("dt_seconds is negative or not a number", name, "io");
  for (bool isInput : {true, false}) {
    std::set<std::string> names;
    for (const proto::Port &p : isInput ? io.input() : io.output()) {
      if (!names.insert(p.name()).second)
        return bad("two ports have this name", name, "port '" + p.name() + "'");
      if (Error error = port(p, isInput))
        return error;
    }
  }
  return Error::success();
}

Error CrossCheck::port(const proto::Port &port, bool isInput) const {
  const std::string place =
      (isInput ? "input '" : "output '") + port.name() + "'";
  const std::optional<uint64_t> neurons = elements(port.shape());
  const int count = port.core_size();
  if (!neurons || static_cast<uint64_t>(port.first_size()) != *neurons + 1)
    return bad("the shape does not agree with the list of first entries", name,
               place);
  const auto &first = port.first();
  if (first.Get(0) != 0 ||
      first.Get(first.size() - 1) != static_cast<uint32_t>(count) ||
      !std::is_sorted(first.begin(), first.end()) ||
      port.index_size() != count ||
      (port.atom_size() != 0 && port.atom_size() != count))
    return bad("the lists of entries have different lengths", name, place);
  if (!isInput && static_cast<uint64_t>(count) != *neurons)
    return bad("an output neuron has one compartment, but there are " +
                   std::to_string(count) + " for " + std::to_string(*neurons),
               name, place);
  if (isInput && port.has_state())
    return bad("an input has no state to read", name, place);
  if (!std::isfinite(port.scale()) || port.scale() <= 0)
    return bad("the scale is not a positive number", name, place);
  if (port.has_codes()) {
    const proto::InputCodes &codes = port.codes();
    const std::string range =
        std::to_string(codes.low()) + " to " + std::to_string(codes.high());
    if (!isInput)
      return bad("an output has codes, and only inputs have", name, place);
    if (!std::isfinite(codes.scale()) || codes.scale() <= 0)
      return bad("the scale of its codes is " + std::to_string(codes.scale()) +
                     ", and no positive number",
                 name, place);
    if (codes.low() > codes.zero() || codes.zero() > codes.high())
      return bad("the zero of its codes is " + std::to_string(codes.zero()) +
                     ", outside of " + range,
                 name, place);
    if (int64_t{codes.high()} - codes.low() > 65535)
      return bad("its codes are " + range +
                     ", more than the 65536 of a spike's 16 bits",
                 name, place);
  }
  for (int i = 0; i < count; ++i)
    if (Error error = entry(port, isInput, i, place))
      return error;
  return Error::success();
}

Error CrossCheck::entry(const proto::Port &port, bool isInput, int i,
                        const std::string &place) const {
  const auto wrong = [&](const std::string &what) {
    return bad(what, name, place + ", entry " + std::to_string(i));
  };
  if (port.core(i) >= image.cores.size())
    return wrong("core " + std::to_string(port.core(i)) + " of " +
                 std::to_string(image.cores.size()));
  const CoreTables &core = image.cores[port.core(i)];
  const bool isAxon = isInput && !port.direct();
  const size_t most = isAxon ? core.axonsIn.size() : core.compartments;
  if (port.index(i) >= most)
    return wrong((isAxon ? "axon " : "compartment ") +
                 std::to_string(port.index(i)) + " of " + std::to_string(most));
  if (!port.state().empty() &&
      image.programs[core.program].stateIndex(port.state()) < 0)
    return wrong("program '" + image.programs[core.program].name +
                 "' has no state '" + port.state() + "'");
  const uint32_t atom = port.atom_size() ? port.atom(i) : 0;
  if (atom >= (isAxon ? core.axonsIn[port.index(i)].popRows : 1u))
    return wrong("atom " + std::to_string(atom) + " does not exist");
  return Error::success();
}

Error CrossCheck::debug() const {
  for (const proto::Population &p : image.proto.debug().population()) {
    const std::string place = "debug population '" + p.name() + "'";
    const std::optional<uint64_t> neurons = elements(p.shape());
    if (!neurons || p.core_size() != p.compartment_size() ||
        (p.core_size() != 0 &&
         static_cast<uint64_t>(p.core_size()) != *neurons))
      return bad("its lists do not agree with its shape", name, place);
    for (int i = 0; i < p.core_size(); ++i)
      if (p.core(i) >= image.cores.size() ||
          p.compartment(i) >= image.cores[p.core(i)].compartments)
        return bad("neuron " + std::to_string(i) +
                       " is on a core or compartment that does not exist",
                   name, place);
  }
  return Error::success();
}

} // namespace

Error validate(const proto::Image &image, const std::string &name) {
  Expected<Parts> parts = partsOf(image, name);
  return parts ? Error::success() : parts.takeError();
}

Expected<LoadedImage> loadFrame(proto::Image image, const std::string &name) {
  Expected<Parts> parts = partsOf(image, name);
  if (!parts)
    return parts.takeError();
  LoadedImage loaded;
  loaded.proto = std::move(image);
  loaded.target = std::move(parts->target);
  loaded.programs = std::move(parts->programs);
  return std::move(loaded);
}

Expected<CoreTables> loadCore(const proto::Core &core, const LoadedImage &frame,
                              const std::string &name, bool withOutputs) {
  Expected<CoreTables> tables = withOutputs ? unpack(core, frame.target)
                                            : unpackInputs(core, frame.target);
  if (!tables)
    return inFile(tables.takeError(), name);
  if (Error error = CrossCheck(frame, name).states(*tables))
    return std::move(error);
  return tables;
}

Error checkTogether(const LoadedImage &image, const std::string &name) {
  return CrossCheck(image, name).run();
}

Expected<LoadedImage> load(proto::Image image, std::string name) {
  Expected<LoadedImage> frame = loadFrame(std::move(image), name);
  if (!frame)
    return frame;
  LoadedImage loaded = std::move(*frame);
  const int count = loaded.proto.core_size();
  loaded.cores.resize(static_cast<size_t>(count));
  // Errors are kept by core, so that the first one is reported whichever
  // thread is the fastest. Threads cost more than a few cores do.
  std::vector<std::optional<Error>> errors(static_cast<size_t>(count));
  parallelFor(0, count, count < 16 ? 1 : 0, [&](int64_t i) {
    Expected<CoreTables> tables =
        unpack(loaded.proto.core(static_cast<int>(i)), loaded.target);
    if (tables)
      loaded.cores[static_cast<size_t>(i)] = std::move(*tables);
    else
      errors[static_cast<size_t>(i)] = tables.takeError();
  });
  Error first = Error::success();
  for (std::optional<Error> &error : errors)
    if (error && !first)
      first = inFile(std::move(*error), name);
    else if (error)
      llvm::consumeError(std::move(*error));
  if (first)
    return std::move(first);
  if (Error error = checkTogether(loaded, name))
    return std::move(error);
  return std::move(loaded);
}

} // namespace hillock::image
