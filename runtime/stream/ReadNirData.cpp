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
#include "base/AtomicFile.h"
#include "base/Describe.h"
#include "base/hdf5/File.h"
#include "runtime/stream/Readers.h"
#include <cmath>

namespace hillock::runtime {

namespace {

using hdf5::ObjectKind;

/// One observable: where it is in the file, and its name for users.
struct Observable {
  uint64_t group;
  std::string node, name, type;
};

/// An HDF5 file, with errors that name the place.
class Recordings {
public:
  explicit Recordings(hdf5::File file) : file(std::move(file)) {}

  /// Those of the graph at \p group, nested graphs included.
  Error collect(uint64_t group, const std::string &prefix,
                const std::string &where, int depth);
  /// A dataset of numbers as float64; booleans (HDF5 enumerations) count.
  Expected<NdArray> numbers(uint64_t group, const char *name,
                            const std::string &where);
  /// False when there is no such attribute, or it is not one number.
  Expected<bool> number(uint64_t group, const char *name,
                        const std::string &where, double &value);
  uint64_t root() const { return file.root(); }

  std::vector<Observable> found;

private:
  /// The address of \p name in \p group; none when there is no such name, or
  /// when it leads elsewhere: external and soft links lead out of the file or
  /// in circles.
  Expected<std::optional<uint64_t>> child(uint64_t group, const char *name,
                                          const std::string &where);
  Expected<bool> isGroup(uint64_t address, const std::string &where);
  Expected<std::string> text(uint64_t group, const char *name,
                             const std::string &where);
  Error collectNode(uint64_t node, const std::string &name,
                    const std::string &where, int depth);

  hdf5::File file;
};

} // namespace

static constexpr int maxDepth = 16; // of nested graphs

Expected<std::optional<uint64_t>>
Recordings::child(uint64_t group, const char *name, const std::string &where) {
  auto links = file.links(group);
  if (!links)
    return hdf5::located(links.takeError(), where);
  for (const hdf5::Link &link : *links)
    if (link.name == name && link.address != hdf5::noAddress)
      return link.address;
  return std::nullopt;
}

Expected<bool> Recordings::isGroup(uint64_t address, const std::string &where) {
  auto object = file.object(address);
  if (!object)
    return hdf5::located(object.takeError(), where);
  return object->kind == ObjectKind::Group;
}

Expected<std::string> Recordings::text(uint64_t group, const char *name,
                                       const std::string &where) {
  auto value = file.attribute(group, name);
  if (!value)
    return hdf5::located(value.takeError(), where);
  if (!*value || (*value)->type.kind != hdf5::TypeClass::Text ||
      (*value)->space.count != 1)
    return std::string();
  auto texts = file.texts(**value);
  if (!texts)
    return hdf5::located(texts.takeError(), where);
  return texts->front();
}

Expected<bool> Recordings::number(uint64_t group, const char *name,
                                  const std::string &where, double &value) {
  auto values = file.attribute(group, name);
  if (!values)
    return hdf5::located(values.takeError(), where);
  if (!*values || !(*values)->type.isNumeric() || (*values)->space.count != 1)
    return false;
  value = hdf5::toDoubles(**values).front();
  return true;
}

Error Recordings::collect(uint64_t group, const std::string &prefix,
                          const std::string &where, int depth) {
  if (depth > maxDepth)
    return Error::success();
  auto nodes = child(group, "nodes", where);
  if (!nodes)
    return nodes.takeError();
  if (!*nodes)
    return Error::success();
  auto links = file.links(**nodes);
  if (!links)
    return hdf5::located(links.takeError(), where);
  for (const hdf5::Link &link : *links) {
    if (link.address == hdf5::noAddress)
      continue;
    if (Error error = collectNode(link.address, prefix + link.name,
                                  where + ", node '" + link.name + "'", depth))
      return error;
  }
  return Error::success();
}

Error Recordings::collectNode(uint64_t node, const std::string &name,
                              const std::string &where, int depth) {
  auto holdsMore = isGroup(node, where);
  if (!holdsMore)
    return holdsMore.takeError();
  if (!*holdsMore)
    return Error::success();
  auto all = child(node, "observables", where);
  if (!all)
    return all.takeError();
  if (!*all)
    return collect(node, name + ".", where, depth + 1);
  auto links = file.links(**all);
  if (!links)
    return hdf5::located(links.takeError(), where);
  for (const hdf5::Link &link : *links) {
    if (link.address == hdf5::noAddress)
      continue;
    auto isOne = isGroup(link.address, where);
    if (!isOne)
      return isOne.takeError();
    if (!*isOne)
      continue;
    auto type = text(link.address, "__type__", where);
    if (!type)
      return type.takeError();
    found.push_back({link.address, name, link.name, std::move(*type)});
  }
  return Error::success();
}

Expected<NdArray> Recordings::numbers(uint64_t group, const char *name,
                                      const std::string &where) {
  const std::string here = where + ", dataset '" + name + "'";
  auto address = child(group, name, here);
  if (!address)
    return address.takeError();
  if (!*address)
    return inputError("is missing", here);
  auto object = file.object(**address);
  if (!object)
    return hdf5::located(object.takeError(), here);
  if (!object->data || !object->data->type.isNumeric())
    return inputError("holds no plain numbers", here);
  auto values = file.read(*object->data);
  if (!values)
    return hdf5::located(values.takeError(), here);
  const bool isBool = values->type.kind == hdf5::TypeClass::Enumeration;
  NdArray array;
  std::vector<int64_t> shape;
  for (uint64_t dim : values->space.dims)
    shape.push_back(static_cast<int64_t>(std::min<uint64_t>(dim, INT64_MAX)));
  const std::vector<double> doubles = hdf5::toDoubles(*values);
  if (!isBool)
    return NdArray::of(std::move(shape), doubles);
  array.type = ElementType::Bool;
  array.shape = std::move(shape);
  for (double value : doubles)
    array.bytes.push_back(value != 0);
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

static Expected<DataSet> readGrid(Recordings &file, uint64_t group,
                                  const std::string &where,
                                  const ReadOptions &options) {
  Expected<NdArray> data = file.numbers(group, "data", where);
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

static Expected<EventArrays> readEventArrays(Recordings &file, uint64_t group,
                                             bool valued,
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
    Expected<NdArray> array = file.numbers(group, field.name, where);
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
  auto hasNeurons = file.number(group, "n_neurons", where, neurons);
  if (!hasNeurons)
    return hasNeurons.takeError();
  auto hasEnd = file.number(group, "t_max", where, end);
  if (!hasEnd)
    return hasEnd.takeError();
  if (!*hasNeurons || !(neurons >= 1) ||
      neurons > static_cast<double>(maxNeurons) || !*hasEnd || !(end >= 0) ||
      !std::isfinite(end))
    return inputError("the attributes n_neurons and t_max must be numbers",
                      where);
  arrays.neurons = static_cast<int64_t>(neurons);
  arrays.dt = options.dtSeconds;
  if (!(arrays.dt > 0)) // ours say how long a step is
    if (auto said = file.number(group, "dt", where, arrays.dt); !said)
      return said.takeError();
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

static Expected<DataSet> readEvents(Recordings &file, uint64_t group,
                                    bool valued, const std::string &where,
                                    const ReadOptions &options) {
  Expected<EventArrays> arrays =
      readEventArrays(file, group, valued, where, options);
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
  auto bytes = readFile(path);
  if (!bytes)
    return bytes.takeError();
  auto opened = hdf5::File::openBytes(std::move(*bytes));
  if (!opened)
    return hdf5::located(opened.takeError(),
                         path + ": cannot be opened as an HDF5 file");
  Recordings file(std::move(*opened));
  if (Error error = file.collect(file.root(), "", path, 0))
    return error;
  const std::vector<Observable> &all = file.found;
  if (all.empty())
    return inputError("is HDF5 but holds no recordings "
                      "(/nodes/.../observables)",
                      path, "a .nir graph has no data; give a .nirdata file");
  Expected<Observable> chosen = choose(all, path, options);
  if (!chosen)
    return chosen.takeError();
  const std::string where =
      path + ": node '" + chosen->node + "', observable '" + chosen->name + "'";
  const uint64_t group = chosen->group;
  if (chosen->type == "TimeGriddedData")
    return readGrid(file, group, where, options);
  if (chosen->type == "EventData" || chosen->type == "ValuedEventData")
    return readEvents(file, group, chosen->type == "ValuedEventData", where,
                      options);
  return inputError("data of type '" + chosen->type +
                        "' are not known (TimeGriddedData, EventData, "
                        "ValuedEventData are)",
                    where);
}

} // namespace hillock::runtime
