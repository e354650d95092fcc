//===- tools/hillock/SpinnakerFiles.cpp - Rows of sPyNNaker ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/SpinnakerFiles.h"
#include "backends/spinnaker/Cores.h"
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "compiler/mapping/passes/Extract.h"
#include "compiler/pipeline/Pipeline.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cmath>

namespace hillock::tool {

using namespace spinnaker;

namespace {

constexpr uint32_t kMostAtoms = 256;
constexpr uint64_t kRingBufferMost = 0xffff;

std::string bytesOf(const std::vector<uint32_t> &words) {
  std::string bytes(words.size() * 4, '\0');
  for (size_t i = 0; i < words.size(); ++i)
    llvm::support::endian::write32le(bytes.data() + i * 4, words[i]);
  return bytes;
}

/// Steps of the integer level are ticks.
Network networkOf(const mapping::Network &from) {
  Network network;
  for (const mapping::Population &population : from.populations)
    network.populations.push_back({population.name, population.size()});
  for (const mapping::Projection &one : from.projections) {
    Projection projection;
    projection.source = one.source;
    projection.target = one.target;
    projection.exponent = 6 + one.weightExp;
    projection.where = one.location;
    projection.append = [&one](uint32_t source, std::vector<Connection> &list) {
      std::vector<mapping::Synapse> synapses;
      one.connectivity->append(source, synapses);
      for (const mapping::Synapse &synapse : synapses)
        list.push_back({synapse.target, synapse.mantissa, synapse.delay + 1u});
    };
    network.projections.push_back(std::move(projection));
  }
  return network;
}

/// One value for all neurons as a number, others as a list.
Json registersJson(
    const std::map<std::string, std::vector<int32_t>> &registers) {
  Json json = Json::object();
  for (const auto &[name, values] : registers)
    json[name] = values.size() == 1 ? Json(values[0]) : Json(values);
  return json;
}

/// Writes the files of a folder and gathers the index.
class Writer {
public:
  Writer(const mapping::Network &meant, const Plan &plan, std::string folder)
      : meant(meant), network(networkOf(meant)), plan(plan),
        folder(std::move(folder)) {}

  Error run(Output &out);

private:
  /// What an earlier compilation left in the folder; its index goes first.
  Error removeOld() const;
  Error writeCores(uint32_t population);
  Json coreJson(const Core &core) const;
  Json populationsJson() const;
  Json projectionsJson() const;
  Json indexJson() const;
  void describe(Output &out) const;
  std::string path(const std::string &name) const {
    return folder + "/" + name;
  }

  const mapping::Network &meant;
  Network network;
  const Plan &plan;
  std::string folder;
  Json cores = Json::array();
  size_t matrices = 0;
  uint64_t bytes = 0, synapses = 0;
};

Error Writer::removeOld() const {
  const std::string index = path("index.json");
  if (!llvm::sys::fs::exists(index))
    return Error::success();
  Expected<std::string> text = readFile(index);
  if (!text)
    return text.takeError();
  const Json old = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  const auto textOf = [](const Json &object, const char *key) {
    const bool there =
        object.is_object() && object.contains(key) && object[key].is_string();
    return there ? object[key].get<std::string>() : std::string();
  };
  if (textOf(old, "format").rfind("hillock-spinnaker-rows ", 0) != 0)
    return inputError("is there, and is no index of synaptic rows", index,
                      "give another folder, or remove the file");
  std::vector<std::string> files = {"index.json"};
  if (old.contains("cores"))
    for (const Json &core : old["cores"])
      for (const char *kind : {"table", "rows"})
        if (const std::string name = textOf(core, kind);
            llvm::sys::path::extension(name) == ".bin" &&
            llvm::sys::path::filename(name) == name)
          files.push_back(name);
  for (const std::string &name : files)
    if (std::error_code code = llvm::sys::fs::remove(path(name)))
      return inputError("cannot be removed: " + code.message(), path(name),
                        "give another folder");
  return Error::success();
}

Error Writer::writeCores(uint32_t population) {
  Expected<std::vector<Core>> made = coresOf(network, plan, population);
  if (!made)
    return made.takeError();
  if (Error error = checkCores(network, plan, population, *made))
    return error;
  for (const Core &core : *made) {
    Json entry = coreJson(core);
    for (const auto &[kind, words] :
         {std::pair("table", &core.table), std::pair("rows", &core.rows)}) {
      if (Error error =
              writeFile(path(entry[kind].get<std::string>()), bytesOf(*words)))
        return error;
      bytes += words->size() * 4;
    }
    for (const Matrix &matrix : core.matrices)
      synapses += matrix.synapses;
    matrices += core.matrices.size();
    cores.push_back(std::move(entry));
  }
  return Error::success();
}

Json Writer::coreJson(const Core &core) const {
  const Slice &slice = plan.slices[core.slice];
  const std::string name = "core" + std::to_string(cores.size());
  Json list = Json::array();
  for (const Matrix &matrix : core.matrices)
    list.push_back({{"projection", matrix.projection},
                    {"source_slice", matrix.source},
                    {"offset", matrix.place.offset},
                    {"row_words", matrix.place.rowWords},
                    {"rows", matrix.rows},
                    {"synapses", matrix.synapses}});
  return {{"slice", core.slice},
          {"population", network.populations[slice.population].name},
          {"table", name + ".table.bin"},
          {"rows", name + ".rows.bin"},
          {"matrices", std::move(list)}};
}

Json Writer::populationsJson() const {
  Json list = Json::array();
  for (size_t p = 0; p < meant.populations.size(); ++p) {
    const mapping::Population &population = meant.populations[p];
    const RingBuffer &buffer = plan.ringBuffers[p];
    Json one = {{"name", population.name},
                {"shape", population.shape},
                {"input", population.isInput}};
    if (!population.isInput) {
      one["program"] = population.program;
      // Of rows with scales of their own it is the mean.
      const auto vth = population.registers.find("vth");
      const bool rows =
          vth != population.registers.end() && vth->second.size() > 1;
      one[rows ? "mean_scale" : "scale"] = population.scale;
      one["registers"] = registersJson(population.registers);
      one["initial"] = registersJson(population.initial);
      one["ring_buffer_shift"] = buffer.shift;
      one["unit_exponent"] = buffer.unit;
      one["ring_buffer_most"] = buffer.most;
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json Writer::projectionsJson() const {
  Json list = Json::array();
  for (const mapping::Projection &projection : meant.projections) {
    // A code of b bits stands in the upper ones of 8, or of 9 with a sign.
    const bool mixed = projection.sign == image::SignMode::Mixed;
    const int exponent =
        6 + projection.weightExp + (mixed ? 9 : 8) - projection.weightBits;
    list.push_back({{"source", meant.populations[projection.source].name},
                    {"target", meant.populations[projection.target].name},
                    {"weight_bits", projection.weightBits},
                    {"code_value", std::ldexp(1.0, exponent)},
                    {"location", projection.location}});
  }
  return list;
}

Json Writer::indexJson() const {
  Json slices = Json::array();
  for (const Slice &slice : plan.slices)
    slices.push_back(
        {{"population", network.populations[slice.population].name},
         {"first", slice.first},
         {"neurons", slice.count},
         {"key", slice.key},
         {"mask", slice.mask}});
  Json outputs = Json::array();
  for (const mapping::Network::Output &output : meant.outputs)
    outputs.push_back(
        {{"name", output.name},
         {"population", meant.populations[output.population].name},
         {"state", output.state}});
  return {{"format", "hillock-spinnaker-rows 1"},
          {"spynnaker", "7.4"},
          {"network", meant.name},
          {"tick_seconds", meant.dtSeconds},
          {"atoms_per_core", plan.atomsPerCore},
          {"word",
           {{"index_bits", plan.layout.indexBits},
            {"type_bits", plan.layout.typeBits},
            {"delay_bits", plan.layout.delayBits},
            {"weight_bits", 16}}},
          {"colour_bits", kColourBits},
          {"populations", populationsJson()},
          {"projections", projectionsJson()},
          {"slices", std::move(slices)},
          {"cores", cores},
          {"outputs", std::move(outputs)}};
}

void Writer::describe(Output &out) const {
  for (size_t p = 0; p < meant.populations.size(); ++p)
    for (uint64_t most : plan.ringBuffers[p].most)
      if (most > kRingBufferMost) {
        out.warning("a neuron of '" + meant.populations[p].name +
                    "' could receive " + withSeparators(most) +
                    " in one tick, and a ring buffer stops at 65,535");
        break;
      }
  out.item("rows", describeCount(synapses, "synapse") + " in " +
                       describeCount(matrices, "matrix", "matrices") + " of " +
                       describeCount(cores.size(), "core") + ", " +
                       describeBytes(bytes) + ", all read back");
  out.item("index", path("index.json"));
  out.document["emitted"] = {
      {"format", "spinnaker"}, {"files", Json::array({path("index.json")})},
      {"cores", cores.size()}, {"matrices", matrices},
      {"synapses", synapses},  {"bytes", bytes}};
}

Error Writer::run(Output &out) {
  if (std::error_code code = llvm::sys::fs::create_directories(folder))
    return inputError("cannot be created: " + code.message(), folder,
                      "give a folder that can be written");
  if (Error error = removeOld())
    return error;
  for (uint32_t p = 0; p < network.populations.size(); ++p)
    if (!meant.populations[p].isInput)
      if (Error error = writeCores(p))
        return error;
  // Last: whoever finds an index finds all that it names.
  if (Error error = writeFile(path("index.json"), indexJson().dump(1) + "\n"))
    return error;
  describe(out);
  return Error::success();
}

} // namespace

Error emitRows(snn::NetworkOp network, uint32_t atomsPerCore,
               const std::string &output, Output &out) {
  if (!network)
    return makeError(ErrorKind::Usage,
                     "is made of the integers of a network for Loihi, and this "
                     "target has others",
                     "--emit spinnaker", "compile with --target loihi");
  if (pipeline::codesOf(network))
    return makeError(ErrorKind::Usage,
                     "has no rows for spikes that carry values",
                     "--emit spinnaker", "give a network with neurons");
  if (atomsPerCore > kMostAtoms)
    return makeError(ErrorKind::Usage,
                     "is more than the " + std::to_string(kMostAtoms) +
                         " neurons of a core",
                     "--neurons-per-core " + std::to_string(atomsPerCore));
  Expected<mapping::Network> meant = mapping::extractNetwork(network);
  if (!meant)
    return meant.takeError();
  Expected<Plan> plan = planSlices(
      networkOf(*meant), atomsPerCore == 0 ? kMostAtoms : atomsPerCore);
  if (!plan)
    return plan.takeError();
  return Writer(*meant, *plan, output).run(out);
}

} // namespace hillock::tool
