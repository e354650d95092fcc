//===- compiler/frontend/nir/Import.cpp - NIR to the snn dialect ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/frontend/nir/Import.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace mlir;
using namespace hillock::snn;

namespace hillock::nir {

namespace {

class Importer {
public:
  Importer(FlatGraph &graph, const ImportConventions &conventions,
           ModuleOp module)
      : graph(graph), conventions(conventions), module(module),
        builder(module.getContext()) {}

  Expected<NetworkOp> run();

private:
  Error importNode(FlatNode &flat);
  Error importNeurons(FlatNode &flat, Kind kind);
  Error importDelay(FlatNode &flat);
  void importDense(FlatNode &flat);
  void importConv(FlatNode &flat);
  void importPool(FlatNode &flat, PoolKind kind);
  /// The sum of a node's inputs, delays in place.
  Value inputOf(const FlatNode &flat);
  /// The first step in which a projection contributes.
  IntegerAttr startOf(const FlatNode &flat);
  std::string where(const FlatNode &flat, StringRef field) const;
  ElementsAttr weights(FlatNode &flat, const char *field);
  ElementsAttr bias(FlatNode &flat);
  ElementsAttr parameter(const FlatNode &flat, const char *field);
  DenseI64ArrayAttr integers(const FlatNode &flat, const char *field);
  DenseI64ArrayAttr padding(const FlatNode &flat);
  Type current(const Shape &shape) {
    return CurrentType::get(builder.getContext(), shape, builder.getF32Type());
  }
  /// Spikes stay spikes through pools and reshapes, all else is a current.
  Type like(Value value, const Shape &shape);

  FlatGraph &graph;
  const ImportConventions &conventions;
  ModuleOp module;
  OpBuilder builder;
  Location loc = builder.getUnknownLoc();
  std::vector<Value> values; ///< by node; the one in work is the last
};

std::string Importer::where(const FlatNode &flat, StringRef field) const {
  return graph.file + ": node '" + flat.node.path + "', field '" + field.str() +
         "'";
}

Type Importer::like(Value value, const Shape &shape) {
  if (isa<SpikesType>(value.getType()))
    return SpikesType::get(builder.getContext(), shape);
  if (auto graded = dyn_cast<GradedType>(value.getType()))
    return GradedType::get(builder.getContext(), shape, graded.getElement());
  return current(shape);
}

IntegerAttr Importer::startOf(const FlatNode &flat) {
  bool recurrent =
      !flat.inputs.empty() &&
      llvm::all_of(flat.inputs, [](const Wire &wire) { return wire.delayed; });
  return builder.getI64IntegerAttr(
      recurrent && !conventions.recurrentBiasAtStart ? 1 : 0);
}

Value Importer::inputOf(const FlatNode &flat) {
  SmallVector<Value> summands;
  for (const Wire &wire : flat.inputs) {
    Value value = values[wire.from];
    if (wire.delayed)
      value = DelayOp::create(builder, loc, value, 1);
    summands.push_back(value);
  }
  if (summands.size() == 1)
    return summands.front();
  bool spikes = llvm::all_of(
      summands, [](Value value) { return isa<SpikesType>(value.getType()); });
  Type type = spikes ? Type(SpikesType::get(builder.getContext(), flat.shapeIn))
                     : current(flat.shapeIn);
  return SumOp::create(builder, loc, type, summands);
}

ElementsAttr Importer::weights(FlatNode &flat, const char *field) {
  Tensor &tensor = flat.node.fields.at(field);
  std::vector<float> numbers;
  if (tensor.isDouble()) {
    for (double value : std::get<1>(tensor.values))
      numbers.push_back(static_cast<float>(value));
  } else {
    numbers = std::move(std::get<0>(tensor.values));
  }
  ElementsAttr attr =
      weightsAttr(builder.getContext(), tensor.shape, std::move(numbers),
                  flat.node.name + "." + field);
  tensor.values = std::vector<float>();
  return attr;
}

ElementsAttr Importer::bias(FlatNode &flat) {
  auto found = flat.node.fields.find("bias");
  if (found == flat.node.fields.end())
    return {};
  bool zero = true;
  for (size_t i = 0; i < found->second.size(); ++i)
    zero &= found->second.at(i) == 0;
  return zero ? ElementsAttr() : weights(flat, "bias");
}

ElementsAttr Importer::parameter(const FlatNode &flat, const char *field) {
  auto found = flat.node.fields.find(field);
  if (found == flat.node.fields.end())
    return {};
  const Tensor &tensor = found->second;
  auto type = RankedTensorType::get(flat.shapeOut, builder.getF64Type());
  if (tensor.size() == 1)
    return DenseElementsAttr::get(type, tensor.at(0));
  std::vector<double> numbers(tensor.size());
  for (size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = tensor.at(i);
  return DenseElementsAttr::get(type, ArrayRef<double>(numbers));
}

DenseI64ArrayAttr Importer::integers(const FlatNode &flat, const char *field) {
  return builder.getDenseI64ArrayAttr(flat.node.integers.at(field));
}

DenseI64ArrayAttr Importer::padding(const FlatNode &flat) {
  std::vector<int64_t> both = flat.node.integers.at("padding");
  auto end = flat.node.integers.find("padding_end");
  const std::vector<int64_t> &after =
      end == flat.node.integers.end() ? both : end->second;
  std::vector<int64_t> all = both;
  all.insert(all.end(), after.begin(), after.end());
  return builder.getDenseI64ArrayAttr(all);
}

void Importer::importDense(FlatNode &flat) {
  Value input = inputOf(flat);
  ElementsAttr matrix = weights(flat, "weight");
  values.back() =
      DenseOp::create(builder, loc, current(flat.shapeOut), input, matrix,
                      bias(flat), FormatAttr(), startOf(flat));
}

void Importer::importConv(FlatNode &flat) {
  Value input = inputOf(flat);
  ElementsAttr kernel = weights(flat, "weight");
  values.back() = ConvOp::create(
      builder, loc, current(flat.shapeOut), input, kernel, bias(flat),
      integers(flat, "stride"), padding(flat), integers(flat, "dilation"),
      builder.getI64IntegerAttr(flat.node.integers.at("groups").front()),
      FormatAttr(), startOf(flat));
}

void Importer::importPool(FlatNode &flat, PoolKind kind) {
  Value input = inputOf(flat);
  Type type = kind == PoolKind::Sum ? like(input, flat.shapeOut)
                                    : current(flat.shapeOut);
  values.back() = PoolOp::create(
      builder, loc, type, input, PoolKindAttr::get(builder.getContext(), kind),
      integers(flat, "kernel_size"), integers(flat, "stride"), padding(flat));
}

Error Importer::importDelay(FlatNode &flat) {
  const Tensor &tensor = flat.node.fields.at("delay");
  std::vector<int64_t> steps;
  for (size_t i = 0; i < tensor.size(); ++i) {
    double exact = tensor.at(i) / conventions.dt;
    double whole = std::nearbyint(exact);
    if (whole < 0)
      return inputError("delay " + std::to_string(tensor.at(i)) + " at index " +
                            std::to_string(i) + " is negative",
                        where(flat, "delay"), "delays must be at least 0");
    if (std::abs(exact - whole) > 1e-3)
      return inputError("delay " + std::to_string(tensor.at(i)) + " at index " +
                            std::to_string(i) + " is " + std::to_string(exact) +
                            " steps of dt " + std::to_string(conventions.dt),
                        where(flat, "delay"),
                        "choose --dt so that every delay is a whole number of "
                        "steps");
    steps.push_back(static_cast<int64_t>(whole));
  }
  Value input = inputOf(flat);
  SmallVector<int64_t> shape = {1};
  if (steps.size() > 1)
    shape.assign(flat.shapeOut.begin(), flat.shapeOut.end());
  auto type = RankedTensorType::get(shape, builder.getI64Type());
  values.back() =
      DelayOp::create(builder, loc, input.getType(), input,
                      DenseElementsAttr::get(type, ArrayRef<int64_t>(steps)));
  return Error::success();
}

Error Importer::importNeurons(FlatNode &flat, Kind kind) {
  Value input = inputOf(flat);
  bool spiking = kind == Kind::If || kind == Kind::Lif ||
                 kind == Kind::CubaLif || kind == Kind::Threshold;
  MLIRContext *context = builder.getContext();
  Type type =
      spiking
          ? Type(SpikesType::get(context, flat.shapeOut))
          : Type(GradedType::get(context, flat.shapeOut, builder.getF32Type()));
  const char *mem = flat.node.fields.count("tau") ? "tau" : "tau_mem";
  const char *threshold = kind == Kind::Threshold ? "threshold" : "v_threshold";
  ElementsAttr reset =
      kind == Kind::Threshold ? ElementsAttr() : parameter(flat, "v_reset");
  if (!spiking)
    reset = {};
  snn::Order order = conventions.order;
  snn::Reset resetTo = conventions.reset;
  if (conventions.cubaIntegrateFire &&
      (kind == Kind::CubaLif || kind == Kind::CubaLi)) {
    order = snn::Order::IntegrateFire;
    resetTo = snn::Reset::Subtract;
  }
  auto attr = ConventionsAttr::get(
      context, conventions.integrator, order, resetTo, conventions.compare,
      conventions.refractory, conventions.multi, conventions.clamp);
  auto op = NeuronsOp::create(
      builder, loc, type, KindAttr::get(context, kind), input,
      parameter(flat, mem), parameter(flat, "tau_syn"), parameter(flat, "r"),
      parameter(flat, "v_leak"), parameter(flat, threshold), reset,
      parameter(flat, "w_in"), attr);
  op->setAttr("name", builder.getStringAttr(flat.node.name));
  values.back() = op.getResult();
  return Error::success();
}

Error Importer::importNode(FlatNode &flat) {
  MLIRContext *context = builder.getContext();
  switch (flat.node.type) {
  case NodeType::Input: {
    Type type = conventions.gradedInput
                    ? Type(GradedType::get(context, flat.shapeOut,
                                           builder.getF32Type()))
                    : Type(SpikesType::get(context, flat.shapeOut));
    values.back() = InputOp::create(builder, loc, type, flat.node.name);
    return Error::success();
  }
  case NodeType::Output: {
    Value input = inputOf(flat);
    OutputOp::create(builder, loc, flat.node.name, input);
    values.back() = input;
    return Error::success();
  }
  case NodeType::Linear:
  case NodeType::Affine:
    importDense(flat);
    return Error::success();
  case NodeType::Conv1d:
  case NodeType::Conv2d:
    importConv(flat);
    return Error::success();
  case NodeType::SumPool2d:
    importPool(flat, PoolKind::Sum);
    return Error::success();
  case NodeType::AvgPool2d:
    importPool(flat, PoolKind::Average);
    return Error::success();
  case NodeType::Scale: {
    Value input = inputOf(flat);
    ElementsAttr factors = parameter(flat, "scale");
    values.back() =
        ScaleOp::create(builder, loc, current(flat.shapeOut), input, factors);
    return Error::success();
  }
  case NodeType::Flatten: {
    Value input = inputOf(flat);
    values.back() =
        FlattenOp::create(builder, loc, like(input, flat.shapeOut), input);
    return Error::success();
  }
  case NodeType::Delay:
    return importDelay(flat);
  case NodeType::Threshold:
    return importNeurons(flat, Kind::Threshold);
  case NodeType::I:
    return importNeurons(flat, Kind::I);
  case NodeType::LI:
    return importNeurons(flat, Kind::Li);
  case NodeType::IF:
    return importNeurons(flat, Kind::If);
  case NodeType::LIF:
    return importNeurons(flat, Kind::Lif);
  case NodeType::CubaLI:
    return importNeurons(flat, Kind::CubaLi);
  case NodeType::CubaLIF:
    return importNeurons(flat, Kind::CubaLif);
  case NodeType::Graph:
    break;
  }
  return makeError(ErrorKind::Internal, "a nested graph that was not flattened",
                   graph.file + ": node '" + flat.node.path + "'");
}

Expected<NetworkOp> Importer::run() {
  builder.setInsertionPointToEnd(module.getBody());
  MLIRContext *context = builder.getContext();
  auto fileLoc = FileLineColLoc::get(context, graph.file, 0, 0);
  loc = fileLoc;
  // NIR has no name for a network but that of its file.
  const llvm::StringRef stem = llvm::sys::path::stem(graph.file);
  auto network = NetworkOp::create(
      builder, loc, builder.getStringAttr(stem.empty() ? "network" : stem),
      builder.getF64FloatAttr(conventions.dt),
      builder.getF64FloatAttr(conventions.timeUnit));
  builder.setInsertionPointToEnd(&network.getBody().emplaceBlock());
  // A wire that is delayed may come from a node further down: it gets a
  // stand-in of the right type, which is replaced when the node is there.
  std::vector<std::pair<size_t, InputOp>> holesToFill;
  std::vector<Value> early(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    FlatNode &flat = graph.nodes[i];
    loc = NameLoc::get(builder.getStringAttr(flat.node.path), fileLoc);
    values.resize(graph.nodes.size());
    for (const Wire &wire : flat.inputs)
      if (wire.from >= i && !values[wire.from]) {
        NodeType from = graph.nodes[wire.from].node.type;
        const Shape &shape = graph.nodes[wire.from].shapeOut;
        bool spikes = from == NodeType::IF || from == NodeType::LIF ||
                      from == NodeType::CubaLIF || from == NodeType::Threshold;
        Type type =
            spikes
                ? Type(SpikesType::get(context, shape))
                : Type(GradedType::get(context, shape, builder.getF32Type()));
        auto hole = InputOp::create(builder, loc, type, "hole");
        values[wire.from] = hole.getResult();
        holesToFill.push_back({wire.from, hole});
      }
    std::swap(early[i], values[i]);
    values.push_back({});
    if (Error error = importNode(flat)) {
      network.erase();
      return std::move(error);
    }
    Value made = values.back();
    values.pop_back();
    values[i] = made;
  }
  for (auto &[from, hole] : holesToFill) {
    if (hole.getResult().getType() != values[from].getType())
      for (Operation *user : llvm::to_vector(hole.getResult().getUsers()))
        if (auto delay = dyn_cast<DelayOp>(user))
          delay.getResult().setType(values[from].getType());
    hole.getResult().replaceAllUsesWith(values[from]);
    hole.erase();
  }
  return network;
}

} // namespace

Expected<NetworkOp> importGraph(FlatGraph graph,
                                const ImportConventions &conventions,
                                ModuleOp module) {
  std::string file = graph.file;
  auto network = Importer(graph, conventions, module).run();
  if (!network)
    return network;
  if (failed(mlir::verify(*network)))
    return makeError(ErrorKind::Internal,
                     "the imported network does not verify (see the "
                     "diagnostics above)",
                     file, "please report it with the file");
  return network;
}

} // namespace hillock::nir
