//===- compiler/mapping/passes/Extract.cpp - The mapping problem ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/passes/Extract.h"
#include "compiler/mapping/problem/Connectivity.h"
#include "compiler/mapping/problem/Registers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace hillock::mapping {

std::string locationText(Location loc) {
  if (auto fused = dyn_cast<FusedLoc>(loc))
    return fused.getLocations().empty()
               ? std::string()
               : locationText(fused.getLocations().front());
  if (auto named = dyn_cast<NameLoc>(loc)) {
    std::string text = "node '" + named.getName().str() + "'";
    if (auto file = dyn_cast<FileLineColLoc>(named.getChildLoc()))
      text = file.getFilename().str() + ": " + text;
    return text;
  }
  if (auto file = dyn_cast<FileLineColLoc>(loc))
    return file.getFilename().str() + ":" + std::to_string(file.getLine());
  return {};
}

namespace {

/// The ops between a source and a population.
struct Trace {
  Operation *source = nullptr;
  snn::DelayOp delay;
  std::vector<Operation *> ops; ///< from the source on
};

class Extractor {
public:
  explicit Extractor(snn::NetworkOp network) : network(network) {}

  Expected<Network> run();

private:
  Error addPopulations();
  Error addPopulation(snn::PopulationOp op);
  Error addRegisters(snn::PopulationOp op, DictionaryAttr dict,
                     std::map<std::string, std::vector<int32_t>> &lists);
  Error addOutputs();
  Error trace(Value value, std::vector<Operation *> behind,
              std::vector<Trace> &traces);
  Error addProjection(Trace &trace, uint32_t target);
  Expected<std::vector<uint8_t>> delaysOf(Trace &trace);
  Error setFormat(Operation *weighted, snn::FormatAttr format,
                  Projection &projection);
  Expected<Stage> stageOf(Operation *op);
  Expected<Stage> sparseStage(snn::SparseOp op);
  Expected<Stage> poolStage(snn::PoolOp op);
  Expected<Weights> weightsOf(Operation *op);

  std::string uniqueName(Operation *op, StringRef stem);
  Error error(Operation *op, std::string what, std::string remedy = {}) const {
    std::string where = locationText(op->getLoc());
    return inputError(op->getName().getStringRef().str() + " " + what,
                      where.empty() ? "network '" + result.name + "'" : where,
                      std::move(remedy));
  }

  snn::NetworkOp network;
  Network result;
  llvm::DenseMap<Operation *, uint32_t> indexOf;
  llvm::DenseMap<Operation *, Weights> buffers;
  llvm::StringSet<> names;
};

Expected<Network> Extractor::run() {
  result.name = network.getSymName().str();
  const double unit = network.getTimeUnit().convertToDouble();
  result.dtSeconds =
      network.getDt().convertToDouble() * (unit > 0 ? unit : 1.0);
  if (Error error = addPopulations())
    return std::move(error);
  for (auto op : network.getBody().front().getOps<snn::PopulationOp>()) {
    std::vector<Trace> traces;
    if (Error error = trace(op.getInput(), {}, traces))
      return std::move(error);
    for (Trace &one : traces)
      if (Error error = addProjection(one, indexOf.lookup(op)))
        return std::move(error);
  }
  if (Error error = addOutputs())
    return std::move(error);
  return std::move(result);
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

std::string Extractor::uniqueName(Operation *op, StringRef stem) {
  std::string name = stem.str();
  if (auto attr = op->getAttrOfType<StringAttr>("name");
      attr && !attr.getValue().empty())
    name = attr.getValue().str();
  std::string unique = name;
  for (unsigned number = 2; !names.insert(unique).second; ++number)
    unique = name + "_" + std::to_string(number);
  return unique;
}

Error Extractor::addPopulations() {
  for (auto op : network.getBody().front().getOps<snn::InputOp>()) {
    Population population;
    population.name = uniqueName(op, "input");
    population.shape = snn::shapeOf(op.getType()).vec();
    population.isInput = true;
    population.location = locationText(op.getLoc());
    indexOf[op] = static_cast<uint32_t>(result.populations.size());
    result.populations.push_back(std::move(population));
  }
  for (Operation &op : network.getBody().front()) {
    if (isa<snn::NeuronsOp>(op))
      return error(&op, "is of the real level and cannot be mapped",
                   "quantize the network first");
    if (auto population = dyn_cast<snn::PopulationOp>(op))
      if (Error failure = addPopulation(population))
        return failure;
  }
  return Error::success();
}

Error Extractor::addPopulation(snn::PopulationOp op) {
  Population population;
  population.name =
      uniqueName(op, "population" + std::to_string(result.populations.size()));
  population.shape = snn::shapeOf(op.getType()).vec();
  population.program = op.getProgram().str();
  population.location = locationText(op.getLoc());
  if (auto kind = op->getAttrOfType<StringAttr>("kind"))
    population.kind = kind.getValue().str();
  if (auto lag = op->getAttrOfType<IntegerAttr>("lag"))
    population.lag = static_cast<uint32_t>(lag.getInt());
  if (auto scale = op->getAttrOfType<FloatAttr>("scale"))
    population.scale = scale.getValueAsDouble();
  if (auto weightError = op->getAttrOfType<FloatAttr>("weight_error"))
    population.weightError = weightError.getValueAsDouble();
  if (Error failure = addRegisters(op, op.getRegisters(), population.registers))
    return failure;
  if (Error failure = addRegisters(op, op.getInitial(), population.initial))
    return failure;
  indexOf[op] = static_cast<uint32_t>(result.populations.size());
  result.populations.push_back(std::move(population));
  return Error::success();
}

/// One value when all neurons have the same.
Error Extractor::addRegisters(
    snn::PopulationOp op, DictionaryAttr dict,
    std::map<std::string, std::vector<int32_t>> &lists) {
  for (NamedAttribute entry : dict) {
    std::vector<double> values;
    auto elements = dyn_cast<ElementsAttr>(entry.getValue());
    if (auto integer = dyn_cast<IntegerAttr>(entry.getValue()))
      values = {static_cast<double>(integer.getInt())};
    else if (auto dense = dyn_cast<DenseElementsAttr>(elements);
             dense && dense.isSplat())
      values = {snn::valueAt(elements, 0)};
    else
      values = snn::valuesOf(elements);
    std::vector<int32_t> &list = lists[entry.getName().str()];
    for (double value : values) {
      if (value < INT32_MIN || value > INT32_MAX)
        return error(op, "has a register '" + entry.getName().str() +
                             "' that does not fit 32 bits");
      list.push_back(static_cast<int32_t>(value));
    }
  }
  return Error::success();
}

Error Extractor::addOutputs() {
  for (auto op : network.getBody().front().getOps<snn::OutputOp>()) {
    // The order of neurons is that of C in any shape.
    Value value = op.getValue();
    while (auto flatten = value.getDefiningOp<snn::FlattenOp>())
      value = flatten.getInput();
    auto population = value.getDefiningOp<snn::PopulationOp>();
    if (!population)
      return error(
          op, "'" + op.getName().str() + "' is not what a population puts out",
          "let outputs leave from populations");
    result.outputs.push_back({op.getName().str(), indexOf.lookup(population),
                              population.getReadout().value_or("").str()});
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Paths
//===----------------------------------------------------------------------===//

bool isWeighted(Operation *op) {
  return isa<snn::DenseOp, snn::ConvOp, snn::SparseOp>(op);
}

/// Goes from \p value back to all sources; \p behind has the ops already seen,
/// last first.
Error Extractor::trace(Value value, std::vector<Operation *> behind,
                       std::vector<Trace> &traces) {
  Operation *op = value.getDefiningOp();
  if (auto sum = dyn_cast<snn::SumOp>(op)) {
    for (Value input : sum.getInputs())
      if (Error failure = trace(input, behind, traces))
        return failure;
    return Error::success();
  }
  if (auto delay = dyn_cast<snn::DelayOp>(op)) {
    Operation *source = delay.getInput().getDefiningOp();
    if (!indexOf.count(source))
      return error(op,
                   "does not stand directly behind an input or a "
                   "population",
                   "move the delay to the source of the path");
    std::reverse(behind.begin(), behind.end());
    traces.push_back({source, delay, std::move(behind)});
    return Error::success();
  }
  if (indexOf.count(op))
    return error(op,
                 "reaches a population in the same step, but a spike acts "
                 "in the next step at the earliest",
                 "put an snn.delay of at least one step behind it");
  if (!isWeighted(op) && !isa<snn::FlattenOp, snn::PoolOp>(op))
    return error(op, "cannot be mapped onto synapses",
                 "quantize the network first");
  behind.push_back(op);
  return trace(op->getOperand(0), std::move(behind), traces);
}

Expected<std::vector<uint8_t>> Extractor::delaysOf(Trace &trace) {
  std::vector<uint8_t> delays;
  ElementsAttr steps = trace.delay.getStepsAttr();
  auto dense = dyn_cast<DenseElementsAttr>(steps);
  const bool uniform = dense && dense.isSplat();
  for (double value :
       uniform ? std::vector{snn::valueAt(steps, 0)} : snn::valuesOf(steps)) {
    if (value < 1 || value > 256)
      return error(trace.delay,
                   "of " + std::to_string(static_cast<int64_t>(value)) +
                       " steps cannot be mapped; synapses delay by 1 to 256");
    delays.push_back(static_cast<uint8_t>(value - 1));
  }
  return delays;
}

Error Extractor::addProjection(Trace &trace, uint32_t target) {
  Projection projection;
  projection.source = indexOf.lookup(trace.source);
  projection.target = target;
  Operation *weighted = nullptr;
  std::vector<Stage> stages;
  for (Operation *op : trace.ops) {
    if (isWeighted(op) && weighted)
      return error(op, "has weights, and so has another op on its path",
                   "multiply the two, or put a population between them");
    if (isWeighted(op))
      weighted = op;
    Expected<Stage> stage = stageOf(op);
    if (!stage)
      return stage.takeError();
    stages.push_back(std::move(*stage));
  }
  if (!weighted)
    return error(trace.delay, "leads to a population without weights",
                 "put a dense, conv or sparse op behind it");
  if (auto start = weighted->getAttrOfType<IntegerAttr>("start");
      start && start.getInt() > trace.delay.minimum())
    return error(weighted, "starts in step " + std::to_string(start.getInt()) +
                               ", after its first spikes arrive");
  const std::string where = locationText(weighted->getLoc());
  projection.location = where;
  Expected<std::vector<uint8_t>> delays = delaysOf(trace);
  if (!delays)
    return delays.takeError();
  auto format = weighted->getAttrOfType<snn::FormatAttr>("format");
  if (!format)
    return error(weighted, "has real-valued weights",
                 "quantize the network first");
  if (Error failure = setFormat(weighted, format, projection))
    return failure;
  auto connectivity =
      ChainConnectivity::create(std::move(stages), std::move(*delays), where);
  if (!connectivity)
    return connectivity.takeError();
  projection.connectivity = std::move(*connectivity);
  result.projections.push_back(std::move(projection));
  return Error::success();
}

/// Bits, exponent and sign; checks that the chip adds what the op means.
Error Extractor::setFormat(Operation *weighted, snn::FormatAttr format,
                           Projection &projection) {
  projection.weightBits = static_cast<uint8_t>(format.getBits());
  projection.sign = static_cast<image::SignMode>(format.getSign());
  // The base exponent of a weight is 6 (nengo-loihi, two-part shift of
  // discretize_weights).
  constexpr int64_t baseExponent = 6;
  int64_t exponent = format.getShift() - baseExponent;
  if (const Population &target = result.populations[projection.target];
      shiftsSum(target)) {
    // The program shifts the sum of plain mantissas.
    if (format.getShift() != 0)
      return error(weighted, "shifts its weights by " +
                                 std::to_string(format.getShift()) +
                                 ", and so does the program of '" +
                                 target.name + "'");
    exponent = target.registers.at("weight_exp").front();
  } else if (exponent < 0) {
    // (m >> -e) << 6 is m << (6 + e) only where no bit is lost.
    Expected<Weights> weights = weightsOf(weighted);
    if (!weights)
      return weights.takeError();
    const int mask = exponent > -15 ? (1 << -exponent) - 1 : 0x7fff;
    for (int16_t weight : **weights)
      if ((weight & mask) != 0)
        return error(weighted,
                     "has a weight of " + std::to_string(weight) + " * 2^" +
                         std::to_string(format.getShift()) +
                         ", but the chip's weights are multiples of 2^6",
                     "round the weights to multiples of 2^" +
                         std::to_string(-exponent));
  }
  if (exponent < INT8_MIN || exponent > INT8_MAX)
    return error(weighted,
                 "has a shift of " + std::to_string(format.getShift()));
  projection.weightExp = static_cast<int8_t>(exponent);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

Expected<Weights> Extractor::weightsOf(Operation *op) {
  Weights &buffer = buffers[op];
  if (buffer)
    return buffer;
  auto attr = op->getAttrOfType<ElementsAttr>("weights");
  auto values = std::make_shared<std::vector<int16_t>>();
  values->reserve(static_cast<size_t>(attr.getNumElements()));
  for (double value : snn::valuesOf(attr)) {
    if (value < INT16_MIN || value > INT16_MAX)
      return error(op, "has a weight that does not fit 16 bits");
    values->push_back(static_cast<int16_t>(value));
  }
  buffer = std::move(values);
  return buffer;
}

/// The last axis of a window is x, the one before it y.
std::pair<WindowAxis, WindowAxis> windowAxes(ArrayRef<int64_t> shape,
                                             ArrayRef<int64_t> kernel,
                                             ArrayRef<int64_t> stride,
                                             ArrayRef<int64_t> padding,
                                             ArrayRef<int64_t> dilation) {
  WindowAxis axes[2];
  const size_t count = kernel.size();
  for (size_t i = 0; i < count; ++i) {
    WindowAxis &axis = axes[2 - count + i];
    axis.size = static_cast<uint32_t>(shape[1 + i]);
    axis.kernel = static_cast<uint32_t>(kernel[i]);
    axis.stride = static_cast<uint32_t>(stride[i]);
    axis.padBegin = static_cast<uint32_t>(padding[i]);
    axis.padEnd = static_cast<uint32_t>(padding[count + i]);
    axis.dilation = dilation.empty() ? 1 : static_cast<uint32_t>(dilation[i]);
  }
  return {axes[0], axes[1]};
}

Expected<Stage> Extractor::poolStage(snn::PoolOp op) {
  if (op.getKind() != snn::PoolKind::Sum)
    return error(op, "averages; synapses can only sum",
                 "quantize the network first");
  ArrayRef<int64_t> shape = snn::shapeOf(op.getInput().getType());
  PoolStage stage;
  stage.channels = static_cast<uint32_t>(shape[0]);
  std::tie(stage.y, stage.x) =
      windowAxes(shape, op.getKernel(), op.getStride(), op.getPadding(), {});
  return Stage(stage);
}

Expected<Stage> Extractor::sparseStage(snn::SparseOp op) {
  Expected<Weights> weights = weightsOf(op);
  if (!weights)
    return weights.takeError();
  std::vector<double> sources = snn::valuesOf(op.getSources());
  std::vector<double> targets = snn::valuesOf(op.getTargets());
  std::vector<SparseStage::Entry> entries;
  entries.reserve(sources.size());
  for (size_t k = 0; k < sources.size(); ++k)
    entries.push_back({static_cast<uint32_t>(sources[k]),
                       static_cast<uint32_t>(targets[k]), (**weights)[k], 0});
  return Stage(SparseStage(
      static_cast<uint32_t>(snn::elementsOf(op.getInput().getType())),
      static_cast<uint32_t>(snn::elementsOf(op.getType())),
      std::move(entries)));
}

Expected<Stage> Extractor::stageOf(Operation *op) {
  Type input = op->getOperand(0).getType();
  if (isa<snn::FlattenOp>(op))
    return Stage(ReshapeStage{static_cast<uint32_t>(snn::elementsOf(input))});
  if (auto pool = dyn_cast<snn::PoolOp>(op))
    return poolStage(pool);
  if (auto sparse = dyn_cast<snn::SparseOp>(op))
    return sparseStage(sparse);
  Expected<Weights> weights = weightsOf(op);
  if (!weights)
    return weights.takeError();
  if (auto dense = dyn_cast<snn::DenseOp>(op))
    return Stage(DenseStage(
        static_cast<uint32_t>(snn::elementsOf(input)),
        static_cast<uint32_t>(snn::elementsOf(dense.getType())), *weights));
  auto conv = cast<snn::ConvOp>(op);
  ArrayRef<int64_t> shape = snn::shapeOf(input);
  ConvStage stage;
  stage.inChannels = static_cast<uint32_t>(shape[0]);
  stage.outChannels = static_cast<uint32_t>(snn::shapeOf(conv.getType())[0]);
  stage.groups = static_cast<uint32_t>(conv.getGroups());
  stage.weights = *weights;
  std::tie(stage.y, stage.x) = windowAxes(
      shape, conv.getWeights().getShapedType().getShape().drop_front(2),
      conv.getStride(), conv.getPadding(), conv.getDilation());
  return Stage(std::move(stage));
}

} // namespace

Expected<Network> extractNetwork(snn::NetworkOp network) {
  return Extractor(network).run();
}

} // namespace hillock::mapping
