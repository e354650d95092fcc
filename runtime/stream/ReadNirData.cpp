//===- runtime/stream/ReadNirData.cpp -------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// NIRData (neuromorphs/NIR, nir/data_ir): recordings of a graph's nodes in
// HDF5. Groups carry their class in the attribute __type__; data are gridded
// (samples, steps, neurons...) or lists of events.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "runtime/stream/Readers.h"
#include <cmath>
#include <hdf5.h>

namespace hillock::runtime {

namespace {

/// Closes an HDF5 identifier.
class Handle {
public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id(id), close(close) {}
  Handle(Handle &&other) noexcept : id(other.id), close(other.close) {
    other.id = -1;
  }
  Handle(const Handle &) = delete;
  ~Handle() {
    if (id >= 0)
      close(id);
  }
  explicit operator bool() const { return id >= 0; }
  operator hid_t() const { return id; }

private:
  hid_t id;
  Close close;
};

/// Keeps the library from printing its error stack; we return errors.
class Quiet {
public:
  Quiet() {
    H5Eget_auto2(H5E_DEFAULT, &function, &data);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Quiet() { H5Eset_auto2(H5E_DEFAULT, function, data); }
  Quiet(const Quiet &) = delete;

private:
  H5E_auto2_t function = nullptr;
  void *data = nullptr;
};

/// One observable: where it is in the file, and its name for users.
struct Observable {
  std::string path, node, name, type;
};

} // namespace

static constexpr int maxDepth = 16;         // of nested graphs
static constexpr uint64_t packRatio = 1032; // the best that deflate can do

static Handle attribute(hid_t object, const char *name) {
  if (H5Aexists(object, name) <= 0)
    return Handle(-1, H5Aclose);
  return Handle(H5Aopen(object, name, H5P_DEFAULT), H5Aclose);
}

static std::string textAttribute(hid_t object, const char *name) {
  Handle attr = attribute(object, name);
  if (!attr)
    return {};
  Handle type(H5Aget_type(attr), H5Tclose);
  Handle space(H5Aget_space(attr), H5Sclose);
  if (!type || !space || H5Tget_class(type) != H5T_STRING ||
      H5Sget_simple_extent_npoints(space) != 1)
    return {};
  if (H5Tis_variable_str(type) > 0) {
    char *text = nullptr;
    if (H5Aread(attr, type, &text) < 0 || !text)
      return {};
    std::string result = text;
    H5free_memory(text);
    return result;
  }
  const size_t size = H5Tget_size(type);
  if (size == 0 || size > 4096)
    return {};
  std::string result(size, '\0');
  if (H5Aread(attr, type, result.data()) < 0)
    return {};
  return result.c_str(); // up to the first NUL
}

static bool numberAttribute(hid_t object, const char *name, double &value) {
  Handle attr = attribute(object, name);
  if (!attr)
    return false;
  Handle space(H5Aget_space(attr), H5Sclose);
  return space && H5Sget_simple_extent_npoints(space) == 1 &&
         H5Aread(attr, H5T_NATIVE_DOUBLE, &value) >= 0;
}

static std::vector<std::string> children(hid_t group) {
  std::vector<std::string> names;
  H5Literate(
      group, H5_INDEX_NAME, H5_ITER_INC, nullptr,
      [](hid_t, const char *name, const H5L_info_t *info, void *to) -> herr_t {
        // External and soft links lead out of the file or in circles.
        if (info->type == H5L_TYPE_HARD)
          static_cast<std::vector<std::string> *>(to)->push_back(name);
        return 0;
      },
      &names);
  return names;
}

static bool isGroup(hid_t object) { return H5Iget_type(object) == H5I_GROUP; }

/// Collects the observables of the graph at \p path, nested graphs included.
static void collect(hid_t file, const std::string &path,
                    const std::string &prefix, int depth,
                    std::vector<Observable> &found) {
  if (depth > maxDepth ||
      H5Lexists(file, (path + "/nodes").c_str(), H5P_DEFAULT) <= 0)
    return;
  Handle nodes(H5Oopen(file, (path + "/nodes").c_str(), H5P_DEFAULT), H5Oclose);
  if (!nodes || !isGroup(nodes))
    return;
  for (const std::string &name : children(nodes)) {
    const std::string nodePath = path + "/nodes/" + name;
    Handle node(H5Oopen(file, nodePath.c_str(), H5P_DEFAULT), H5Oclose);
    if (!node || !isGroup(node))
      continue;
    if (H5Lexists(node, "observables", H5P_DEFAULT) <= 0) {
      collect(file, nodePath, prefix + name + ".", depth + 1, found);
      continue;
    }
    Handle all(H5Oopen(node, "observables", H5P_DEFAULT), H5Oclose);
    if (!all || !isGroup(all))
      continue;
    for (const std::string &observable : children(all)) {
      Handle group(H5Oopen(all, observable.c_str(), H5P_DEFAULT), H5Oclose);
      if (group && isGroup(group))
        found.push_back({nodePath + "/observables/" + observable, prefix + name,
                         observable, textAttribute(group, "__type__")});
    }
  }
}

/// A dataset of numbers as float64; booleans (HDF5 enumerations) count.
static Expected<NdArray> readNumbers(hid_t group, const char *name,
                                     const std::string &where) {
  const std::string here = where + ", dataset '" + name + "'";
  if (H5Lexists(group, name, H5P_DEFAULT) <= 0)
    return inputError("is missing", here);
  Handle dataset(H5Dopen2(group, name, H5P_DEFAULT), H5Dclose);
  Handle space(dataset ? H5Dget_space(dataset) : -1, H5Sclose);
  Handle type(dataset ? H5Dget_type(dataset) : -1, H5Tclose);
  if (!dataset || !space || !type)
    return inputError("cannot be opened", here, "the file is damaged");
  H5T_class_t kind = H5Tget_class(type);
  Handle memory(kind == H5T_ENUM ? H5Tget_native_type(type, H5T_DIR_ASCEND)
                                 : H5Tcopy(H5T_NATIVE_DOUBLE),
                H5Tclose);
  const size_t width = memory ? H5Tget_size(memory) : 0;
  if ((kind != H5T_ENUM && kind != H5T_INTEGER && kind != H5T_FLOAT) ||
      !(width == 8 || (kind == H5T_ENUM && width == 1)))
    return inputError("holds no plain numbers", here);

  NdArray array;
  array.type = kind == H5T_ENUM ? ElementType::Bool : ElementType::F64;
  hsize_t extents[H5S_MAX_RANK] = {};
  const int rank = H5Sget_simple_extent_dims(space, extents, nullptr);
  for (int d = 0; d < rank; ++d)
    array.shape.push_back(extents[d] > (hsize_t{1} << 62)
                              ? -1
                              : static_cast<int64_t>(extents[d]));
  int64_t count = 0;
  const uint64_t stored = H5Dget_storage_size(dataset);
  const uint64_t elementSize = std::max<size_t>(H5Tget_size(type), 1);
  // Declared sizes are believed only as far as the file can back them.
  if (rank < 0 || !elementCount(array.shape, count) ||
      static_cast<uint64_t>(count) > stored * packRatio / elementSize)
    return inputError("shape " + describeShape(array.shape) +
                          " is more than its " + describeBytes(stored) +
                          " in the file can hold",
                      here, "the file is damaged");
  array.bytes.resize(static_cast<size_t>(count) * elementBytes(array.type));
  if (count > 0 && H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                           array.bytes.data()) < 0)
    return inputError("cannot be read", here, "the file is damaged");
  return std::move(array);
}

/// floor(time / dt), except that a quotient within rounding errors of a whole
/// number is that number: 0.3 / 0.1 is step 3 although it
/// is 2.9999999999999996.
static double stepOf(double time, double dt) {
  const double quotient = time / dt, nearest = std::round(quotient);
  if (std::fabs(quotient - nearest) <= 1e-6 * std::max(1.0, quotient * 1e-3))
    return nearest;
  return std::floor(quotient);
}

static Expected<DataSet> readGrid(hid_t group, const std::string &where,
                                  const ReadOptions &options) {
  Expected<NdArray> data = readNumbers(group, "data", where);
  if (!data)
    return data.takeError();
  if (data->rank() < 3)
    return inputError("found data of shape " + describeShape(data->shape) +
                          ", expected (samples, steps, neurons...)",
                      where);
  ReadOptions timed = options;
  timed.timeFirst = false;
  if (timed.inputShape.empty())
    timed.inputShape.assign(data->shape.begin() + 2, data->shape.end());
  return samplesOfArray(*data, nullptr, where, timed);
}

namespace {
struct EventArrays {
  NdArray index, time, value; ///< (samples, events); value may be empty
  int64_t neurons = 0;
  double dt = 0;
  int64_t steps = 0;
};
} // namespace

static Expected<Stimulus> eventSample(const EventArrays &arrays, int64_t sample,
                                      const std::string &where,
                                      const ReadOptions &options) {
  Stimulus result;
  result.shape = options.inputShape;
  if (result.shape.empty())
    result.shape = {arrays.neurons};
  result.steps = arrays.steps;
  const int64_t count = arrays.index.shape[1];
  const bool valued = arrays.value.rank() == 2;
  for (int64_t i = 0; i < count; ++i) {
    const double index = arrays.index.valueAt(sample * count + i);
    const double time = arrays.time.valueAt(sample * count + i);
    if (index == -1 || time == HUGE_VAL) // padding of shorter samples
      continue;
    const double value =
        valued ? arrays.value.valueAt(sample * count + i) : 1.0;
    if (!(index >= 0 && index < static_cast<double>(arrays.neurons)) ||
        index != std::trunc(index) || !(time >= 0) ||
        !std::isfinite(static_cast<float>(value)))
      return inputError("neuron " + std::to_string(index) + " of " +
                            std::to_string(arrays.neurons) + " at " +
                            std::to_string(time) + " s, value " +
                            std::to_string(value) + ", is no event",
                        where + ", sample " + std::to_string(sample) +
                            ", event " + std::to_string(i));
    const double step = stepOf(time, arrays.dt);
    if (step < static_cast<double>(result.steps))
      result.events.push_back({static_cast<uint32_t>(step),
                               static_cast<uint32_t>(index),
                               static_cast<float>(value)});
  }
  result.normalise(valued ? Merge::Sum : options.merge);
  return std::move(result);
}

static Expected<EventArrays> readEventArrays(hid_t group, bool valued,
                                             const std::string &where,
                                             const ReadOptions &options) {
  EventArrays arrays;
  struct Field {
    const char *name;
    NdArray *to;
  };
  std::vector<Field> fields = {{"idx", &arrays.index}, {"time", &arrays.time}};
  if (valued)
    fields.push_back({"value", &arrays.value});
  for (const Field &field : fields) {
    Expected<NdArray> array = readNumbers(group, field.name, where);
    if (!array)
      return array.takeError();
    *field.to = std::move(*array);
    if (field.to->rank() != 2 || field.to->shape != arrays.index.shape)
      return inputError("'" + std::string(field.name) + "' has shape " +
                            describeShape(field.to->shape) +
                            ", expected (samples, events) like 'idx'",
                        where);
  }
  double neurons = 0, end = 0;
  if (!numberAttribute(group, "n_neurons", neurons) || !(neurons >= 1) ||
      neurons > static_cast<double>(maxNeurons) ||
      !numberAttribute(group, "t_max", end) || !(end >= 0) ||
      !std::isfinite(end))
    return inputError("the attributes n_neurons and t_max must be numbers",
                      where);
  arrays.neurons = static_cast<int64_t>(neurons);
  arrays.dt = options.dtSeconds;
  if (!(arrays.dt > 0) || !std::isfinite(arrays.dt))
    return inputError("holds times in seconds, the time step is not known",
                      where, "give --dt");
  const double steps = stepOf(end, arrays.dt);
  if (steps >= static_cast<double>(maxSteps))
    return inputError(std::to_string(end) + " s are more than 2^31 steps of " +
                          std::to_string(arrays.dt) + " s",
                      where, "give a larger --dt");
  // An event at t_max itself still has a step.
  const bool whole = std::fabs(steps * arrays.dt - end) <= 1e-6 * arrays.dt;
  arrays.steps = stepsFor(
      options, std::max<int64_t>(static_cast<int64_t>(steps) + !whole, 1));
  return std::move(arrays);
}

static Expected<DataSet> readEvents(hid_t group, bool valued,
                                    const std::string &where,
                                    const ReadOptions &options) {
  Expected<EventArrays> arrays = readEventArrays(group, valued, where, options);
  if (!arrays)
    return arrays.takeError();
  int64_t wanted = arrays->neurons;
  if (!options.inputShape.empty() &&
      (!elementCount(options.inputShape, wanted) || wanted != arrays->neurons))
    return inputError(
        "found events of " +
            describeCount(static_cast<uint64_t>(arrays->neurons), "neuron") +
            ", the network's input is " + describeShape(options.inputShape),
        where, "choose another node with --node");
  DataSet set;
  Expected<std::vector<Stimulus>> samples = makeSamples(
      selectSamples(options, arrays->index.shape[0]), options.threads,
      [&](int64_t i) { return eventSample(*arrays, i, where, options); });
  if (!samples)
    return samples.takeError();
  set.samples = std::move(*samples);
  return std::move(set);
}

/// The one observable that the options leave, or "input" among several.
static Expected<Observable> choose(const std::vector<Observable> &all,
                                   const std::string &path,
                                   const ReadOptions &options) {
  std::vector<Observable> left;
  for (const Observable &one : all)
    if ((options.node.empty() || one.node == options.node) &&
        (options.observable.empty() || one.name == options.observable))
      left.push_back(one);
  if (left.size() > 1 && options.node.empty()) {
    std::vector<Observable> inputs;
    std::copy_if(left.begin(), left.end(), std::back_inserter(inputs),
                 [](const Observable &one) { return one.node == "input"; });
    if (!inputs.empty())
      left = inputs;
  }
  if (left.size() == 1)
    return left.front();
  std::vector<std::string> names;
  for (const Observable &one : left.empty() ? all : left)
    names.push_back("'" + one.node + "' (" + one.name + ")");
  return inputError("holds recordings of " + describeList(names, 8) +
                        (left.empty() ? ", not the one that was asked for"
                                      : "; one is needed"),
                    path, "choose with --node and --observable");
}

Expected<DataSet> readNirData(const std::string &path,
                              const ReadOptions &options) {
  if (options.encode)
    return inputError("holds recordings, which already have time", path,
                      "leave the encoding out");
  Quiet quiet;
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file)
    return inputError("cannot be opened as an HDF5 file", path,
                      "the file is cut off or damaged");
  std::vector<Observable> all;
  collect(file, "", "", 0, all);
  if (all.empty())
    return inputError("is HDF5 but holds no recordings "
                      "(/nodes/.../observables)",
                      path, "a .nir graph has no data; give a .nirdata file");
  Expected<Observable> chosen = choose(all, path, options);
  if (!chosen)
    return chosen.takeError();
  const std::string where =
      path + ": node '" + chosen->node + "', observable '" + chosen->name + "'";
  Handle group(H5Oopen(file, chosen->path.c_str(), H5P_DEFAULT), H5Oclose);
  if (!group)
    return inputError("cannot be opened", where, "the file is damaged");
  if (chosen->type == "TimeGriddedData")
    return readGrid(group, where, options);
  if (chosen->type == "EventData" || chosen->type == "ValuedEventData")
    return readEvents(group, chosen->type == "ValuedEventData", where, options);
  return inputError("data of type '" + chosen->type +
                        "' are not known (TimeGriddedData, EventData, "
                        "ValuedEventData are)",
                    where);
}

} // namespace hillock::runtime
