//===- compiler/transform/loihi/Quantize.cpp - Real to integer level ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/loihi/LinearRows.h"
#include "compiler/transform/loihi/Passes.h"
#include "compiler/transform/loihi/Registers.h"
#include "compiler/transform/loihi/Retime.h"
#include "llvm/ADT/MapVector.h"
#include <cmath>

using namespace mlir;
using namespace hillock::snn;

namespace hillock::transform {

#define GEN_PASS_DEF_QUANTIZETOLOIHI
#include "compiler/transform/loihi/Passes.h.inc"

namespace {

/// Everything that is known of a population before it is built.
struct Plan {
  /// snn.neurons, or an snn.output that reads no population: its operand is
  /// the sum of paths that a memoryless population takes in.
  Operation *op = nullptr;
  std::string name, kind;
  bool readout = false; ///< the voltage is its value, not its spikes
  std::vector<Recurrence> neurons;
  std::vector<Path> paths;
  std::vector<std::vector<int64_t>> delays; ///< by path
  std::vector<double> bias;                 ///< constant current, by neuron

  ArrayRef<int64_t> shape() const {
    return shapeOf(op->getOperand(0).getType());
  }
  Type type() const {
    MLIRContext *context = op->getContext();
    if (!readout)
      return SpikesType::get(context, shape());
    return GradedType::get(context, shape(), IntegerType::get(context, 32));
  }
};

std::string nameOf(Operation *op) {
  if (auto name = op->getAttrOfType<StringAttr>("name"))
    return name.getValue().str();
  return "neurons";
}

/// What an output shows, shape aside.
Operation *sourceOf(OutputOp output) {
  Operation *op = output.getValue().getDefiningOp();
  while (isa<FlattenOp>(op))
    op = op->getOperand(0).getDefiningOp();
  return op;
}

class Quantizer {
public:
  Quantizer(NetworkOp network, const QuantizeOptions &options,
            std::vector<std::string> &remarks)
      : network(network), options(options), remarks(remarks),
        builder(network.getContext()) {}

  Expected<NetworkOp> run();

private:
  Error plan();
  Expected<Plan> planNeurons(NeuronsOp op);
  Plan planOutput(OutputOp op);
  Error planPaths(Plan &plan);
  Error planLags();
  Error build();
  Error buildPopulation(Plan &plan);
  /// Factor of the weights into neuron n, in units of the first threshold.
  std::vector<double> rowFactors(Plan &plan) const;
  Value buildPath(Plan &plan, size_t index, const LinearPath &path,
                  const WeightFormat &format, Quantized numbers);
  Value delayed(Plan &plan, size_t index);
  Value copyLinear(Operation *op, Value input, Type element);
  /// Of the population's scale; remarks on a voltage without a bound.
  ScaleLimits limitsOf(const Plan &plan);
  /// The numbers of a population: mantissas by path, thresholds and scales,
  /// one for all or one a neuron.
  struct Numbers {
    Scaling scaling;
    std::vector<Quantized> weights;
    std::vector<int32_t> vth;
    std::vector<double> scale;
  };
  Numbers numbersOf(const Plan &plan, const std::vector<LinearPath> &linear);
  /// Weights of less than 8 bits: rows with scales of their own.
  void quantizeRowwise(const Plan &plan, const std::vector<LinearPath> &linear,
                       size_t length, const ScaleLimits &limits,
                       Numbers &numbers);
  DictionaryAttr registers(Plan &plan, const Numbers &numbers,
                           DictionaryAttr &initial);
  Attribute column(const std::vector<int32_t> &values, Type type);

  NetworkOp network, result;
  const QuantizeOptions &options;
  std::vector<std::string> &remarks;
  OpBuilder builder;
  std::vector<Plan> plans;
  llvm::MapVector<Operation *, uint32_t> index; ///< of inputs and populations
  Lags lags;
  llvm::DenseMap<Operation *, Value> built;
  unsigned resources = 0;
};

Error Quantizer::plan() {
  for (InputOp input : network.inputs())
    index.insert({input, index.size()});
  for (NeuronsOp op : network.getBody().getOps<NeuronsOp>()) {
    auto plan = planNeurons(op);
    if (!plan)
      return plan.takeError();
    plans.push_back(std::move(*plan));
  }
  for (OutputOp output : network.outputs())
    if (!isa<NeuronsOp>(sourceOf(output)))
      plans.push_back(planOutput(output));
  for (const Plan &plan : plans)
    index.insert({plan.op, index.size()});
  for (Plan &plan : plans)
    if (Error error = planPaths(plan))
      return error;
  if (plans.empty())
    return inputError("the network has no neurons", locationText(network),
                      "a chip needs at least one population");
  return Error::success();
}

Expected<Plan> Quantizer::planNeurons(NeuronsOp op) {
  Plan plan;
  plan.op = op;
  plan.name = nameOf(op);
  plan.kind = stringifyKind(op.getKind()).str();
  plan.readout = isa<GradedType>(op.getResult().getType());
  if (plan.readout && op.getResult().use_empty())
    return inputError("a population of kind '" + plan.kind +
                          "' puts out graded values that no output reads",
                      locationText(op),
                      "connect it to an output, or leave it out");
  auto neurons = discretize(op, network.getDt().convertToDouble());
  if (!neurons)
    return neurons.takeError();
  plan.neurons = std::move(*neurons);
  return plan;
}

Plan Quantizer::planOutput(OutputOp op) {
  Plan plan;
  plan.op = op;
  plan.kind = "readout";
  plan.readout = true;
  plan.neurons.assign(elementsOf(op.getValue().getType()), memoryless());
  // Called like the node whose values are read, unless a population is.
  plan.name = op.getName().str();
  if (auto node = dyn_cast<NameLoc>(sourceOf(op)->getLoc()))
    plan.name = node.getName().str();
  auto taken = [&](StringRef name) {
    return llvm::any_of(
               network.inputs(),
               [&](InputOp input) { return input.getName() == name; }) ||
           llvm::any_of(plans,
                        [&](const Plan &one) { return one.name == name; });
  };
  while (taken(plan.name))
    plan.name += "_readout";
  return plan;
}

Error Quantizer::planPaths(Plan &plan) {
  auto paths = pathsInto(plan.op);
  if (!paths)
    return paths.takeError();
  plan.paths = std::move(*paths);
  for (const Path &path : plan.paths) {
    auto delays = delaysOf(path);
    if (!delays)
      return delays.takeError();
    plan.delays.push_back(std::move(*delays));
    if (!isa<GradedType>(path.source->getResult(0).getType()))
      continue;
    const bool input = isa<InputOp>(path.source);
    return inputError(
        std::string(input ? "a graded input" : "a graded voltage") +
            " enters '" + plan.name + "', and a Loihi 1 spike carries no value",
        locationText(path.source),
        input ? "encode the input as spikes"
              : "make the population spike, or end the network with it: an "
                "output may be graded");
  }
  auto bias = biasInto(plan.op, plan.paths);
  if (!bias)
    return bias.takeError();
  plan.bias = std::move(*bias);
  return Error::success();
}

Error Quantizer::planLags() {
  std::vector<TimedEdge> edges;
  std::vector<const Path *> owner;
  for (Plan &plan : plans)
    for (size_t i = 0; i < plan.paths.size(); ++i) {
      int64_t least = *llvm::min_element(plan.delays[i]);
      edges.push_back(
          {index.lookup(plan.paths[i].source), index.lookup(plan.op), least});
      owner.push_back(&plan.paths[i]);
    }
  lags = retime(index.size(), edges);
  for (uint32_t e : lags.stretched) {
    std::string text =
        "the recurrent path from '" + nameOf(owner[e]->source) +
        "' closes a cycle with fewer steps of delay than projections; on the "
        "chip each projection takes a step, so its spikes arrive " +
        std::to_string(1 - (edges[e].delay + lags.lag[edges[e].to] -
                            lags.lag[edges[e].from])) +
        " step(s) later than in the network";
    if (!options.relaxTiming)
      return inputError(text, locationText(owner[e]->source),
                        "add a delay to the cycle in the network, or compile "
                        "with --relax-timing to accept it");
    remarks.push_back(text);
  }
  return Error::success();
}

std::vector<double> Quantizer::rowFactors(Plan &plan) const {
  // A spike carries no size, so each neuron may have its own unit: measured in
  // its threshold, all thresholds are equal.
  std::vector<double> factors;
  double unit = plan.neurons.front().unit();
  for (const Recurrence &r : plan.neurons)
    factors.push_back(r.gain * unit / r.unit());
  return factors;
}

Value Quantizer::delayed(Plan &plan, size_t i) {
  Operation *source = plan.paths[i].source;
  TimedEdge edge{index.lookup(source), index.lookup(plan.op), 0};
  std::vector<int64_t> steps;
  for (int64_t delay : plan.delays[i])
    steps.push_back(lags.delayOf(edge, delay));
  Value input = built.lookup(source);
  if (steps.size() == 1)
    return DelayOp::create(builder, plan.op->getLoc(), input, steps.front());
  auto type =
      RankedTensorType::get(shapeOf(input.getType()), builder.getI64Type());
  return DelayOp::create(builder, plan.op->getLoc(), input.getType(), input,
                         DenseElementsAttr::get(type, ArrayRef(steps)));
}

Value Quantizer::copyLinear(Operation *op, Value input, Type element) {
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0).getType());
  Type type =
      isa<SpikesType>(input.getType())
          ? Type(SpikesType::get(builder.getContext(), shape))
          : Type(CurrentType::get(builder.getContext(), shape, element));
  if (auto pool = dyn_cast<PoolOp>(op))
    return PoolOp::create(builder, op->getLoc(), type, input, PoolKind::Sum,
                          pool.getKernel(), pool.getStride(),
                          pool.getPadding());
  return FlattenOp::create(builder, op->getLoc(), type, input);
}

ElementsAttr indexTensor(OpBuilder &builder, ArrayRef<int32_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI32Type());
  return DenseElementsAttr::get(type, values);
}

Value Quantizer::buildPath(Plan &plan, size_t i, const LinearPath &path,
                           const WeightFormat &format, Quantized numbers) {
  MLIRContext *context = builder.getContext();
  Type element = builder.getI32Type();
  Value value = delayed(plan, i);
  for (Operation *op : path.before)
    value = copyLinear(op, value, element);
  auto formatAttr = FormatAttr::get(context, format.bits, 6 + format.exp,
                                    static_cast<Sign>(format.sign));
  Operation *op = path.weighted;
  Location loc = op ? op->getLoc() : plan.op->getLoc();
  ArrayRef<int64_t> shape =
      op ? shapeOf(op->getResult(0).getType()) : plan.shape();
  Type type = CurrentType::get(context, shape, element);
  SmallVector<int64_t> weightShape = {
      static_cast<int64_t>(numbers.mantissas.size())};
  if (isa_and_nonnull<DenseOp, ConvOp>(op))
    weightShape.assign(
        cast<ElementsAttr>(op->getAttr("weights")).getShapedType().getShape());
  std::string name = "w" + std::to_string(resources++);
  ElementsAttr weights =
      weightsAttr(context, weightShape, std::move(numbers.mantissas), name);
  auto start = builder.getI64IntegerAttr(0);
  if (isa_and_nonnull<DenseOp>(op))
    value = DenseOp::create(builder, loc, type, value, weights, ElementsAttr(),
                            formatAttr, start);
  else if (auto conv = dyn_cast_or_null<ConvOp>(op))
    value = ConvOp::create(builder, loc, type, value, weights, ElementsAttr(),
                           conv.getStrideAttr(), conv.getPaddingAttr(),
                           conv.getDilationAttr(), conv.getGroupsAttr(),
                           formatAttr, start);
  else if (auto sparse = dyn_cast_or_null<SparseOp>(op))
    value = SparseOp::create(builder, loc, type, value, sparse.getSources(),
                             sparse.getTargets(), weights, ElementsAttr(),
                             formatAttr, start);
  else
    value = SparseOp::create(builder, loc, type, value,
                             indexTensor(builder, path.sources),
                             indexTensor(builder, path.targets), weights,
                             ElementsAttr(), formatAttr, start);
  for (Operation *after : path.after)
    value = copyLinear(after, value, element);
  return value;
}

/// One integer when all are equal, a tensor otherwise.
Attribute Quantizer::column(const std::vector<int32_t> &values, Type type) {
  if (llvm::all_equal(values))
    return builder.getI32IntegerAttr(values.front());
  return DenseElementsAttr::get(
      RankedTensorType::get(shapeOf(type), builder.getI32Type()),
      ArrayRef<int32_t>(values));
}

DictionaryAttr Quantizer::registers(Plan &plan, const Numbers &numbers,
                                    DictionaryAttr &initial) {
  int64_t lag = lags.lag[index.lookup(plan.op)];
  Registers values =
      registersOf(plan.neurons, plan.bias, numbers.scale, plan.readout, lag);
  Type type = plan.type();
  int32_t refract = 1;
  if (auto neurons = dyn_cast<NeuronsOp>(plan.op); neurons && !plan.readout)
    refract += static_cast<int32_t>(neurons.getConventions().getRefractory());
  auto constant = [&](int32_t value) {
    return builder.getI32IntegerAttr(value);
  };
  auto named = [&](StringRef key, Attribute value) {
    return builder.getNamedAttr(key, value);
  };
  SmallVector<NamedAttribute> starts;
  for (const auto &[state, list] :
       {std::pair("u", &values.startU), std::pair("v", &values.startV)})
    if (llvm::any_of(*list, [](int32_t start) { return start != 0; }))
      starts.push_back(named(state, column(*list, type)));
  initial = builder.getDictionaryAttr(starts);
  return builder.getDictionaryAttr(
      {named("decay_u", column(values.decayU, type)),
       named("decay_v", column(values.decayV, type)),
       named("refract_delay", constant(refract)),
       named("vth", column(numbers.vth, type)),
       named("bias_mant", column(values.biasMant, type)),
       named("bias_exp", column(values.biasExp, type)),
       named("pos_vm_limit", constant(7)), named("neg_vm_limit", constant(23)),
       named("ds_offset", constant(1)),
       named("dm_offset", constant(values.dmOffset))});
}

ScaleLimits Quantizer::limitsOf(const Plan &plan) {
  ScaleLimits limits;
  limits.weightBits = static_cast<int>(options.weightBits);
  limits.threshold = plan.neurons.front().unit();
  for (size_t n = 0; n < plan.neurons.size(); ++n) {
    const Recurrence &r = plan.neurons[n];
    double bias = r.drive + r.biasGain * plan.bias[n];
    limits.largestBias = std::max(limits.largestBias,
                                  std::abs(bias * limits.threshold / r.unit()));
  }
  if (!plan.readout)
    return limits;
  DcGain gain = dcGainOf(plan.neurons);
  limits.sumGain = gain.sum;
  limits.biasGain = gain.bias;
  if (gain.endless)
    remarks.push_back(locationText(plan.op) +
                      ": a voltage that never decays is read; its scale is "
                      "made for " +
                      std::to_string(readoutSteps) + " steps of one sign");
  return limits;
}

void Quantizer::quantizeRowwise(const Plan &plan,
                                const std::vector<LinearPath> &linear,
                                size_t length, const ScaleLimits &limits,
                                Numbers &numbers) {
  const Scaling &scaling = numbers.scaling;
  const size_t rows = plan.neurons.size() / length;
  std::vector<RowWeights> weights;
  for (size_t i = 0; i < linear.size(); ++i)
    weights.push_back(rowsOf(linear[i], scaling.formats[i], length));
  std::vector<double> factor(rows, 1);
  // A readout has one unit for all that is read, and no threshold.
  if (!plan.readout) {
    std::vector<int64_t> vth =
        chooseRowThresholds(weights, rows, scaling, limits);
    numbers.vth.clear();
    numbers.scale.clear();
    for (size_t n = 0; n < plan.neurons.size(); ++n) {
      const int64_t own = vth[n / length];
      factor[n / length] = static_cast<double>(own) / scaling.vthMantissa;
      numbers.vth.push_back(static_cast<int32_t>(own));
      numbers.scale.push_back(scaling.scale * factor[n / length]);
    }
  }
  for (const RowWeights &path : weights)
    numbers.weights.push_back(quantizeRows(path, scaling.scale, factor));
}

Quantizer::Numbers Quantizer::numbersOf(const Plan &plan,
                                        const std::vector<LinearPath> &linear) {
  Numbers numbers;
  std::vector<WeightRange> ranges;
  for (const LinearPath &path : linear)
    ranges.push_back(rangeOf(path, plan.neurons.size()));
  ScaleLimits limits = limitsOf(plan);
  const size_t length =
      options.weightBits < 8 ? rowLength(linear, plan.neurons.size()) : 0;
  if (length > 0 && !plan.readout)
    limits.headroom = 8;
  numbers.scaling = chooseScale(ranges, limits);
  numbers.vth = {static_cast<int32_t>(numbers.scaling.vthMantissa)};
  numbers.scale = {numbers.scaling.scale};
  if (length > 0)
    quantizeRowwise(plan, linear, length, limits, numbers);
  else
    for (size_t i = 0; i < linear.size(); ++i)
      numbers.weights.push_back(quantizeWeights(linear[i].weights,
                                                numbers.scaling.scale,
                                                numbers.scaling.formats[i]));
  return numbers;
}

Error Quantizer::buildPopulation(Plan &plan) {
  std::vector<double> factors = rowFactors(plan);
  std::vector<LinearPath> linear;
  for (const Path &path : plan.paths) {
    auto one = linearize(path, plan.op, factors);
    if (!one)
      return one.takeError();
    linear.push_back(std::move(*one));
  }
  Numbers numbers = numbersOf(plan, linear);
  const Scaling &scaling = numbers.scaling;
  for (size_t i = 0; i < linear.size(); ++i)
    if (scaling.formats[i].codes() == 0)
      return inputError("1-bit weights of both signs: the field holds a sign "
                        "and nothing else",
                        locationText(plan.op), "use --weights int2 or wider");
  for (const std::string &remark : scaling.remarks)
    remarks.push_back(locationText(plan.op) + ": " + remark);
  double error = 0, sum = 0;
  std::vector<Value> currents;
  for (size_t i = 0; i < linear.size(); ++i) {
    Quantized &weights = numbers.weights[i];
    linear[i].weights = {};
    error += weights.squaredError;
    sum += weights.squaredSum;
    currents.push_back(
        buildPath(plan, i, linear[i], scaling.formats[i], std::move(weights)));
  }
  Location loc = plan.op->getLoc();
  Type type = CurrentType::get(builder.getContext(), plan.shape(),
                               builder.getI32Type());
  for (Value &current : currents)
    if (current.getType() != type)
      current = FlattenOp::create(builder, loc, type, current);
  Value input = currents.size() == 1
                    ? currents.front()
                    : Value(SumOp::create(builder, loc, type, currents));
  auto population = built.lookup(plan.op).getDefiningOp<PopulationOp>();
  population.getInputMutable().assign(input);
  DictionaryAttr initial;
  population.setRegistersAttr(registers(plan, numbers, initial));
  population.setInitialAttr(initial);
  population->setAttr("scale", builder.getF64FloatAttr(
                                   llvm::sum_of(numbers.scale, 0.0) /
                                   static_cast<double>(numbers.scale.size())));
  population->setAttr(
      "weight_error",
      builder.getF64FloatAttr(sum > 0 ? std::sqrt(error / sum) : 0));
  population->setAttr("weight_bits",
                      builder.getI64IntegerAttr(options.weightBits));
  return Error::success();
}

Error Quantizer::build() {
  builder.setInsertionPointAfter(network);
  result =
      NetworkOp::create(builder, network.getLoc(), network.getSymNameAttr(),
                        network.getDtAttr(), network.getTimeUnitAttr());
  builder.setInsertionPointToEnd(&result.getBody().emplaceBlock());
  for (InputOp input : network.inputs())
    built[input] = builder.clone(*input)->getResult(0);
  // Populations first, each with its own output as a stand-in for the current
  // that is built later: recurrence needs all of them.
  for (Plan &plan : plans) {
    Operation *op = plan.op;
    Value any = built.begin()->second;
    auto population = PopulationOp::create(
        builder, op->getLoc(), plan.type(),
        builder.getStringAttr("loihi1_compartment"), any,
        builder.getDictionaryAttr({}), builder.getDictionaryAttr({}),
        plan.readout ? builder.getStringAttr("v") : StringAttr());
    population->setAttr("name", builder.getStringAttr(plan.name));
    population->setAttr("kind", builder.getStringAttr(plan.kind));
    population->setAttr("lag",
                        builder.getI64IntegerAttr(lags.lag[index.lookup(op)]));
    built[op] = population.getResult();
  }
  for (Plan &plan : plans)
    if (Error error = buildPopulation(plan))
      return error;
  for (OutputOp output : network.outputs()) {
    Operation *source = sourceOf(output);
    if (!isa<NeuronsOp>(source))
      source = output; // it has a population of its own
    Value value = built.lookup(source);
    ArrayRef<int64_t> shape = shapeOf(output.getValue().getType());
    if (shapeOf(value.getType()) != shape) {
      Type type = SpikesType::get(builder.getContext(), shape);
      if (auto graded = dyn_cast<GradedType>(value.getType()))
        type =
            GradedType::get(builder.getContext(), shape, graded.getElement());
      value = FlattenOp::create(builder, output.getLoc(), type, value);
    }
    OutputOp::create(builder, output.getLoc(), output.getName(), value)
        ->setAttr("lag",
                  builder.getI64IntegerAttr(lags.lag[index.lookup(source)]));
  }
  return Error::success();
}

Expected<NetworkOp> Quantizer::run() {
  if (Error error = plan())
    return std::move(error);
  if (Error error = planLags())
    return std::move(error);
  if (Error error = build()) {
    if (result)
      result.erase();
    return std::move(error);
  }
  return result;
}

struct QuantizePass : impl::QuantizeToLoihiBase<QuantizePass> {
  using QuantizeToLoihiBase::QuantizeToLoihiBase;

  void runOnOperation() override {
    QuantizeOptions own{weightBits, relax};
    for (NetworkOp network :
         llvm::to_vector(getOperation().getOps<NetworkOp>())) {
      if (network.getBody().getOps<NeuronsOp>().empty())
        continue;
      std::vector<std::string> remarks;
      auto twin = quantizeToLoihi(network, own, remarks);
      if (!twin) {
        network.emitError() << takeText(twin.takeError());
        return signalPassFailure();
      }
      for (const std::string &remark : remarks)
        network.emitRemark() << remark;
      network.erase();
    }
  }
};

} // namespace

Expected<NetworkOp> quantizeToLoihi(NetworkOp network,
                                    const QuantizeOptions &options,
                                    std::vector<std::string> &remarks) {
  QuantizeOptions own = options;
  if (own.weightBits == 0)
    own.weightBits = 8;
  if (own.weightBits > 8 || own.weightBits == 7)
    return makeError(ErrorKind::Usage,
                     "weights of " + std::to_string(own.weightBits) +
                         " bits; synapses of the chip have 1 to 6 and 8",
                     "--weights int" + std::to_string(own.weightBits),
                     own.weightBits == 7 ? "give int8 or int6" : "give int8");
  return Quantizer(network, own, remarks).run();
}

} // namespace hillock::transform
