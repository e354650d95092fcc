//===- tests/differential/Spec.cpp - Images and files ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/differential/Spec.h"
#include "runtime/programs/LibraryPrograms.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

namespace hillock::differential {

namespace {

template <typename T> T orDie(Expected<T> value) {
  if (value)
    return std::move(*value);
  std::fprintf(stderr, "%s\n", takeText(value.takeError()).c_str());
  std::abort();
}

const image::Program &programOf(const std::string &model) {
  static std::map<std::string, image::Program> programs = [] {
    std::map<std::string, image::Program> all;
    for (const std::string &name : runtime::libraryProgramNames())
      all.emplace(name, orDie(runtime::libraryProgram(name)));
    return all;
  }();
  auto found = programs.find(model);
  if (found == programs.end()) {
    std::fprintf(stderr, "there is no model '%s'\n", model.c_str());
    std::abort();
  }
  return found->second;
}

/// Puts a parameter where the target has a field for it.
void bind(image::CoreTables &tables, const target::TargetModel &target,
          const std::string &name, const Values &values) {
  if (target.field(proto::COMPARTMENT, name))
    tables.compartmentFields[name] = values;
  else if (target.field(proto::COMPARTMENT_PROFILE, name))
    for (uint32_t n = 0; n < tables.compartments; ++n)
      tables.compartmentProfiles[n][name] = values[n];
  else if (target.field(proto::THRESHOLD_PROFILE, name))
    for (uint32_t n = 0; n < tables.compartments; ++n)
      tables.thresholdProfiles[n][name] = values[n];
  else if (tables.compartments > 0)
    tables.config[name] = values[0];
}

void addRows(image::CoreTables &tables, const Core &core) {
  std::map<int32_t, uint8_t> formats;
  const bool delays =
      std::any_of(core.rows.begin(), core.rows.end(), [](const Row &row) {
        return std::any_of(row.synapses.begin(), row.synapses.end(),
                           [](const Synapse &s) { return s.delay > 0; });
      });
  for (const Row &row : core.rows) {
    auto [at, isNew] = formats.try_emplace(
        row.exponent, static_cast<uint8_t>(tables.formats.size()));
    if (isNew) {
      image::SynapseFormat format;
      format.weightExp = static_cast<int8_t>(row.exponent);
      format.exponentOnSum = core.exponentOnSum;
      tables.formats.push_back(format);
    }
    tables.rows.format.push_back(at->second);
    for (const Synapse &synapse : row.synapses) {
      tables.rows.target.push_back(static_cast<uint16_t>(synapse.target));
      tables.rows.mantissa.push_back(static_cast<int16_t>(synapse.mantissa));
      if (delays)
        tables.rows.delay.push_back(static_cast<uint8_t>(synapse.delay));
    }
    tables.rows.first.push_back(
        static_cast<uint32_t>(tables.rows.target.size()));
  }
}

image::AxonType typeOf(const Axon &axon) {
  return axon.rows > 1 ? image::AxonType::Pop32 : image::AxonType::Discrete;
}

image::CoreTables toTables(const Spec &spec, const Core &core,
                           const target::TargetModel &target) {
  image::CoreTables tables;
  tables.chip = core.chip;
  tables.core = core.core;
  tables.compartments = core.compartments;
  const size_t profiles = std::max<uint32_t>(core.compartments, 1);
  tables.compartmentProfiles.resize(profiles);
  tables.thresholdProfiles.resize(profiles);
  for (uint32_t n = 0; n < core.compartments; ++n) {
    tables.profileOf.push_back(static_cast<uint8_t>(n));
    tables.thresholdOf.push_back(static_cast<uint8_t>(n));
  }
  for (const auto &[name, values] : core.params)
    bind(tables, target, name, values);
  for (const auto &[name, values] : core.states)
    tables.initialState[name] = values;
  addRows(tables, core);
  for (const Axon &axon : core.axons) {
    image::AxonIn in;
    in.firstRow = axon.firstRow;
    in.popRows = static_cast<uint16_t>(axon.rows);
    in.cxBase = static_cast<uint16_t>(axon.base);
    in.type = typeOf(axon);
    tables.axonsIn.push_back(in);
  }
  size_t next = 0;
  for (uint32_t n = 0; n < core.compartments; ++n) {
    for (; next < core.slots.size() && core.slots[next].compartment == n;
         ++next) {
      const Slot &slot = core.slots[next];
      image::AxonOut out;
      out.chip = spec.cores[slot.core].chip;
      out.core = spec.cores[slot.core].core;
      out.axon = static_cast<uint16_t>(slot.axon);
      out.atom = static_cast<uint16_t>(slot.atom);
      if (slot.axon < spec.cores[slot.core].axons.size())
        out.type = typeOf(spec.cores[slot.core].axons[slot.axon]);
      tables.axonsOut.push_back(out);
    }
    tables.outFirst.push_back(static_cast<uint32_t>(tables.axonsOut.size()));
  }
  return tables;
}

using Json = nlohmann::ordered_json;

Json rowsJson(const std::vector<Row> &rows) {
  Json list = Json::array();
  for (const Row &row : rows) {
    Json synapses = Json::array();
    for (const Synapse &s : row.synapses)
      synapses.push_back({s.target, s.mantissa, s.delay});
    list.push_back({{"exponent", row.exponent}, {"synapses", synapses}});
  }
  return list;
}

Json coreJson(const Core &core) {
  Json axons = Json::array(), slots = Json::array();
  for (const Axon &axon : core.axons)
    axons.push_back({axon.firstRow, axon.rows, axon.base});
  for (const Slot &slot : core.slots)
    slots.push_back({slot.compartment, slot.core, slot.axon, slot.atom});
  return {{"chip", core.chip},
          {"core", core.core},
          {"model", core.model},
          {"compartments", core.compartments},
          {"exponent_on_sum", core.exponentOnSum},
          {"params", core.params},
          {"states", core.states},
          {"rows", rowsJson(core.rows)},
          {"axons", axons},
          {"slots", slots}};
}

Core coreOf(const Json &json) {
  Core core;
  core.chip = json.at("chip");
  core.core = json.at("core");
  core.model = json.at("model");
  core.compartments = json.at("compartments");
  core.exponentOnSum = json.at("exponent_on_sum");
  core.params = json.at("params").get<std::map<std::string, Values>>();
  core.states = json.at("states").get<std::map<std::string, Values>>();
  for (const Json &row : json.at("rows")) {
    Row &to = core.rows.emplace_back();
    to.exponent = row.at("exponent");
    for (const Json &s : row.at("synapses"))
      to.synapses.push_back({s.at(0), s.at(1), s.at(2)});
  }
  for (const Json &axon : json.at("axons"))
    core.axons.push_back({axon.at(0), axon.at(1), axon.at(2)});
  for (const Json &slot : json.at("slots"))
    core.slots.push_back({slot.at(0), slot.at(1), slot.at(2), slot.at(3)});
  return core;
}

} // namespace

target::TargetModel fuzzTarget() {
  static const target::TargetModel made = [] {
    target::TargetModel loihi = orDie(target::findTarget("loihi"));
    proto::Target wide = loihi.proto();
    std::set<std::string> names;
    for (const std::string &model : runtime::libraryProgramNames())
      for (const std::string &name : programOf(model).params)
        names.insert(name);
    // By turns into the three memories that hold parameters of compartments.
    // One bit each: the words are never packed.
    std::vector<proto::Memory *> memories;
    for (proto::Memory &memory : *wide.mutable_memory())
      if (memory.role() == proto::COMPARTMENT ||
          memory.role() == proto::COMPARTMENT_PROFILE ||
          memory.role() == proto::THRESHOLD_PROFILE) {
        memory.set_word_bits(64);
        memories.push_back(&memory);
      }
    size_t turn = 0;
    for (const std::string &name : names) {
      if (loihi.field(proto::COMPARTMENT, name) ||
          loihi.field(proto::COMPARTMENT_PROFILE, name) ||
          loihi.field(proto::THRESHOLD_PROFILE, name) ||
          loihi.field(proto::CORE_CONFIG, name))
        continue;
      proto::Field &field = *memories[turn++ % memories.size()]->add_field();
      field.set_name(name);
      field.set_bits(1);
      field.set_description("a parameter");
    }
    return orDie(target::TargetModel::create(wide, "fuzz target"));
  }();
  return made;
}

std::shared_ptr<const image::LoadedImage> toImage(const Spec &spec) {
  auto image = std::make_shared<image::LoadedImage>();
  image->target = fuzzTarget();
  std::map<std::string, uint32_t> programs;
  for (const Core &core : spec.cores) {
    auto [at, isNew] = programs.try_emplace(
        core.model, static_cast<uint32_t>(image->programs.size()));
    if (isNew)
      image->programs.push_back(programOf(core.model));
    image->cores.push_back(toTables(spec, core, image->target));
    image->cores.back().program = at->second;
  }
  return image;
}

std::string toJson(const Spec &spec) {
  Json cores = Json::array(), host = Json::array();
  for (const Core &core : spec.cores)
    cores.push_back(coreJson(core));
  for (const HostEvent &e : spec.host)
    if (e.direct)
      host.push_back({{"step", e.step},
                      {"core", e.core},
                      {"compartment", e.compartment},
                      {"port", e.port},
                      {"value", e.value}});
    else
      host.push_back({{"step", e.step},
                      {"core", e.core},
                      {"axon", e.axon},
                      {"atom", e.atom},
                      {"payload", e.value}});
  Json document = {{"seed", spec.seed},
                   {"steps", spec.steps},
                   {"cores", std::move(cores)},
                   {"host", std::move(host)}};
  return document.dump(1) + "\n";
}

Expected<Spec> fromJson(const std::string &text) {
  try {
    const Json json = Json::parse(text);
    Spec spec;
    spec.seed = json.at("seed");
    spec.steps = json.at("steps");
    for (const Json &core : json.at("cores"))
      spec.cores.push_back(coreOf(core));
    for (const Json &event : json.at("host")) {
      HostEvent &to = spec.host.emplace_back();
      to.step = event.at("step");
      to.core = event.at("core");
      to.direct = event.contains("port");
      to.value = event.at(to.direct ? "value" : "payload");
      if (to.direct) {
        to.compartment = event.at("compartment");
        to.port = event.at("port");
      } else {
        to.axon = event.at("axon");
        to.atom = event.at("atom");
      }
    }
    return spec;
  } catch (const Json::exception &exception) {
    return inputError(exception.what(), "saved network");
  }
}

} // namespace hillock::differential
