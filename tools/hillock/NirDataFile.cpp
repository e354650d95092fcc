//===- tools/hillock/NirDataFile.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/NirDataFile.h"
#include "compiler/frontend/nir/Hdf5Handle.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace hillock::tool {

namespace {

using nir::Handle;

/// Slashes would make groups.
std::string plainName(std::string name) {
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

class DataWriter {
public:
  DataWriter(Level level, double dt) : level(level), dt(dt) {
    creation = Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    linking = Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_obj_track_times(creation.get(), false);
    H5Pset_char_encoding(linking.get(), H5T_CSET_UTF8);
  }
  Expected<std::string> write(const LevelResult &result);

private:
  void check(bool good, const std::string &name) {
    if (!good && problem.empty())
      problem = "'" + name + "' (" + nir::hdf5Reason() + ")";
  }
  Handle group(hid_t parent, const std::string &name) {
    Handle made(H5Gcreate2(parent, name.c_str(), linking.get(), H5P_DEFAULT,
                           H5P_DEFAULT),
                H5Gclose);
    check(bool(made), name);
    return made;
  }
  void attribute(hid_t of, const char *name, hid_t type, const void *value);
  void type(hid_t of, const char *name);
  void number(hid_t of, const char *name, double value) {
    attribute(of, name, H5T_IEEE_F64LE, &value);
  }
  template <typename T>
  void data(hid_t of, const char *name, hid_t type,
            const std::vector<hsize_t> &shape, const std::vector<T> &values);
  hid_t observables(const std::string &node);
  void spikes(hid_t of, const runtime::SpikeTrain &train);
  void voltages(hid_t of, const runtime::SpikeTrain &train);
  void train(const runtime::SpikeTrain &train);
  void probe(const ProbeTrace &trace);
  double timeOf(uint32_t step) const;

  Level level;
  double dt;
  Handle creation, linking, nodes;
  std::map<std::string, Handle> known; ///< observables of each node
  std::string problem;
};

void DataWriter::attribute(hid_t of, const char *name, hid_t type,
                           const void *value) {
  Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  Handle made(H5Acreate2(of, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
              H5Aclose);
  check(made && H5Awrite(made.get(), type, value) >= 0, name);
}

void DataWriter::type(hid_t of, const char *name) {
  Handle text(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(text.get(), H5T_VARIABLE);
  H5Tset_cset(text.get(), H5T_CSET_UTF8);
  attribute(of, "__type__", text.get(), &name);
}

template <typename T>
void DataWriter::data(hid_t of, const char *name, hid_t type,
                      const std::vector<hsize_t> &shape,
                      const std::vector<T> &values) {
  Handle space(
      H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
      H5Sclose);
  Handle made(H5Dcreate2(of, name, type, space.get(), linking.get(),
                         creation.get(), H5P_DEFAULT),
              H5Dclose);
  check(made && (values.empty() || H5Dwrite(made.get(), type, H5S_ALL, H5S_ALL,
                                            H5P_DEFAULT, values.data()) >= 0),
        name);
}

hid_t DataWriter::observables(const std::string &node) {
  const auto [at, isNew] = known.try_emplace(plainName(node));
  if (isNew) {
    const Handle made = group(nodes.get(), at->first);
    type(made.get(), "NIRNodeData");
    at->second = group(made.get(), "observables");
  }
  return at->second.get();
}

/// Readers take floor(time / dt), which must be the step whatever dt is.
double DataWriter::timeOf(uint32_t step) const {
  double time = step * dt;
  while (std::floor(time / dt) < step)
    time = std::nextafter(time, std::numeric_limits<double>::infinity());
  return time;
}

void DataWriter::spikes(hid_t of, const runtime::SpikeTrain &train) {
  std::vector<int64_t> idx;
  std::vector<double> time;
  std::vector<float> value;
  bool valued = false;
  for (const runtime::Event &event : train.events) {
    idx.push_back(event.neuron);
    time.push_back(timeOf(event.step));
    value.push_back(event.value);
    valued |= event.value != 1;
  }
  type(of, valued ? "ValuedEventData" : "EventData");
  const std::vector<hsize_t> shape = {1, idx.size()};
  data(of, "idx", H5T_NATIVE_INT64, shape, idx);
  data(of, "time", H5T_NATIVE_DOUBLE, shape, time);
  if (valued)
    data(of, "value", H5T_NATIVE_FLOAT, shape, value);
  const int64_t neurons = train.neurons();
  attribute(of, "n_neurons", H5T_NATIVE_INT64, &neurons);
  number(of, "t_max", static_cast<double>(train.steps) * dt);
  number(of, "dt", dt);
}

void DataWriter::voltages(hid_t of, const runtime::SpikeTrain &train) {
  const auto neurons = static_cast<size_t>(train.neurons());
  std::vector<float> grid(static_cast<size_t>(train.steps) * neurons);
  for (const runtime::Event &event : train.events)
    grid[event.step * neurons + event.neuron] = event.value;
  type(of, "TimeGriddedData");
  data(of, "data", H5T_NATIVE_FLOAT,
       {1, static_cast<hsize_t>(train.steps), neurons}, grid);
  number(of, "dt", dt);
}

void DataWriter::train(const runtime::SpikeTrain &train) {
  const char *name = train.graded ? "v" : "spikes";
  const hid_t parent = observables(train.name);
  // An output may have the name of the population that it shows.
  if (H5Lexists(parent, name, H5P_DEFAULT) > 0)
    return;
  const Handle one = group(parent, name);
  if (train.graded)
    voltages(one.get(), train);
  else
    spikes(one.get(), train);
}

void DataWriter::probe(const ProbeTrace &trace) {
  // "NAME[3-9]:STATE" keeps its range.
  const size_t open = trace.name.rfind('[');
  std::string name = trace.state.empty() ? "v" : trace.state;
  if (open != std::string::npos && open >= trace.population.size())
    name += trace.name.substr(open, trace.name.find(']', open) - open + 1);
  const hid_t parent = observables(trace.population);
  if (H5Lexists(parent, name.c_str(), H5P_DEFAULT) > 0)
    return;
  const Handle one = group(parent, name);
  type(one.get(), "TimeGriddedData");
  const std::vector<hsize_t> shape = {1, trace.values.size(),
                                      trace.neurons.size()};
  std::vector<float> reals;
  std::vector<int32_t> integers;
  for (const std::vector<double> &row : trace.values)
    if (level == Level::Real)
      reals.insert(reals.end(), row.begin(), row.end());
    else
      for (const double number : row)
        integers.push_back(static_cast<int32_t>(number));
  if (level == Level::Real)
    data(one.get(), "data", H5T_NATIVE_FLOAT, shape, reals);
  else
    data(one.get(), "data", H5T_NATIVE_INT32, shape, integers);
  number(one.get(), "dt", dt);
}

Expected<std::string> DataWriter::write(const LevelResult &result) {
  Handle file = nir::createInMemory("spikes.nirdata");
  check(bool(file), "file");
  std::string bytes;
  if (file) {
    type(file.get(), "NIRGraphData");
    nodes = group(file.get(), "nodes");
    for (const runtime::SpikeTrain &one : result.outputs)
      train(one);
    for (const runtime::SpikeTrain &one : result.populations)
      train(one);
    for (const ProbeTrace &trace : result.probes)
      probe(trace);
    known.clear();
    nodes = Handle();
    bytes = nir::bytesOf(file);
    check(!bytes.empty(), "file");
  }
  if (!problem.empty())
    return makeError(ErrorKind::Internal, "HDF5 cannot write " + problem,
                     "--output");
  return bytes;
}

} // namespace

Expected<std::string> nirData(const LevelResult &result, Level level,
                              double dtSeconds) {
  nir::QuietHdf5 quiet;
  return DataWriter(level, dtSeconds).write(result);
}

} // namespace hillock::tool
