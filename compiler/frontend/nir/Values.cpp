//===- compiler/frontend/nir/Values.cpp - Checks and broadcasting ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include "compiler/frontend/nir/TimeStep.h"
#include <algorithm>

namespace hillock::nir {

namespace {

constexpr int64_t largestExpansion = int64_t{1} << 28; // values

/// "3 of 64 values, the first -3211.57 at index 7" or "the value is -1".
template <typename Test>
std::string describeBad(const Tensor &tensor, Test bad) {
  size_t count = 0, first = 0;
  for (size_t i = tensor.size(); i-- > 0;)
    if (bad(tensor.at(i))) {
      ++count;
      first = i;
    }
  if (count == 0)
    return "";
  if (tensor.size() == 1)
    return "the value is " + describeNumber(tensor.at(0));
  return withSeparators(uint64_t{count}) + " of " +
         withSeparators(uint64_t{tensor.size()}) + " values, the first " +
         describeNumber(tensor.at(first)) + " at index " +
         std::to_string(first);
}

Tensor pick(const Tensor &tensor, const std::vector<size_t> &indices,
            const Shape &shape) {
  Tensor result;
  result.shape = shape;
  std::visit(
      [&](const auto &values) {
        std::decay_t<decltype(values)> picked(indices.size());
        for (size_t i = 0; i < indices.size(); ++i)
          picked[i] = values[indices[i]];
        result.values = std::move(picked);
      },
      tensor.values);
  return result;
}

bool isUniform(const Tensor &tensor) {
  return std::visit(
      [](const auto &values) {
        return std::all_of(values.begin(), values.end(),
                           [&](auto v) { return v == values[0]; });
      },
      tensor.values);
}

/// For every element of \p full the flat index of the element of \p small that
/// falls on it, axes aligned at the end.
std::vector<size_t> broadcastIndices(const Shape &small, const Shape &full) {
  std::vector<size_t> indices = {0};
  size_t skip = full.size() - small.size();
  for (size_t axis = 0; axis < full.size(); ++axis) {
    size_t extent = static_cast<size_t>(full[axis]);
    size_t step = axis < skip ? 1 : static_cast<size_t>(small[axis - skip]);
    std::vector<size_t> next;
    next.reserve(indices.size() * extent);
    for (size_t index : indices)
      for (size_t i = 0; i < extent; ++i)
        next.push_back(index * step + (step == 1 ? 0 : i));
    indices = std::move(next);
  }
  return indices;
}

Error broadcast(FlatGraph &flat, const FlatNode &node, const FieldSpec &field,
                Tensor &tensor) {
  if (isUniform(tensor)) {
    tensor = pick(tensor, {0}, {});
    return Error::success();
  }
  const Shape &full = node.shapeIn;
  if (int64_t(tensor.size()) == elementCount(full)) {
    tensor.shape = full; // Leading axes of one element, at most.
    return Error::success();
  }
  std::string where = placeOf(flat, node, field.name);
  if (elementCount(full) > largestExpansion)
    return inputError("its shape " + describeShape(tensor.shape) +
                          " stands for too many values in a population of " +
                          describeShape(full),
                      where);
  flat.remarks.push_back(where + ": the shape " + describeShape(tensor.shape) +
                         " is repeated to " + describeShape(full));
  tensor = pick(tensor, broadcastIndices(tensor.shape, full), full);
  return Error::success();
}

Error fixBias(const FlatGraph &flat, FlatNode &node) {
  int64_t wanted = node.node.fields.at("weight").shape[0];
  Tensor &bias = node.node.fields.at("bias");
  if (int64_t(bias.size()) == wanted) {
    bias.shape = {wanted};
    return Error::success();
  }
  if (bias.size() == 1) {
    bias = pick(bias, std::vector<size_t>(static_cast<size_t>(wanted), 0),
                {wanted});
    return Error::success();
  }
  return inputError(
      "the shape " + describeShape(bias.shape) + " does not fit the " +
          describeCount(uint64_t(wanted), "output") + " of the weight",
      placeOf(flat, node, "bias"), "export the network again");
}

void remarkOddValues(FlatGraph &flat, const FlatNode &node) {
  auto remark = [&](const char *field, const std::string &text) {
    flat.remarks.push_back(placeOf(flat, node, field) + ": " + text);
  };
  const auto &fields = node.node.fields;
  if (auto r = fields.find("r"); r != fields.end()) {
    auto bad = describeBad(r->second, [](double v) { return v <= 0; });
    if (!bad.empty())
      remark("r", bad + "; a resistance is positive, so inputs are inverted "
                        "or lost");
  }
  if (auto leak = fields.find("v_leak"); leak != fields.end())
    if (!describeBad(leak->second, [](double v) { return v != 0; }).empty())
      remark("v_leak", "is not zero, which drives the neurons all the time");
  auto threshold = fields.find("v_threshold"), reset = fields.find("v_reset");
  if (threshold == fields.end() || reset == fields.end())
    return;
  size_t n = std::max(threshold->second.size(), reset->second.size()), bad = 0;
  auto value = [](const Tensor &t, size_t i) {
    return t.at(t.size() == 1 ? 0 : i);
  };
  for (size_t i = 0; i < n; ++i)
    bad += value(threshold->second, i) <= value(reset->second, i);
  if (bad)
    remark("v_threshold", "is not above v_reset for " +
                              withSeparators(uint64_t{bad}) + " of " +
                              withSeparators(uint64_t{n}) +
                              " values; those neurons may never fall silent");
}

} // namespace

Error checkValues(const FlatGraph &flat) {
  Error errors = Error::success();
  int found = 0;
  auto report = [&](const FlatNode &node, const char *field, auto bad,
                    const char *what, const char *remedy) {
    auto it = node.node.fields.find(field);
    if (it == node.node.fields.end() || found == 8)
      return;
    std::string text = describeBad(it->second, bad);
    if (text.empty())
      return;
    ++found;
    errors = llvm::joinErrors(std::move(errors),
                              inputError(std::string(what) + ": " + text,
                                         placeOf(flat, node, field), remedy));
  };
  for (const FlatNode &node : flat.nodes) {
    for (const char *field : {"tau", "tau_mem", "tau_syn"})
      report(
          node, field, [](double v) { return v <= 0; },
          "a time constant must be positive",
          "export the network again with decays between 0 and 1");
    report(
        node, "delay", [](double v) { return v < 0; },
        "a delay must not be negative", "correct the delay");
  }
  return errors;
}

Error broadcastParameters(FlatGraph &flat) {
  for (FlatNode &node : flat.nodes) {
    for (const FieldSpec &field : specOf(node.node.type).fields) {
      if (field.kind != FieldKind::PerNeuron)
        continue;
      auto [it, added] = node.node.fields.try_emplace(field.name);
      if (added)
        it->second = Tensor::scalar(field.fallback);
      else if (Error error = broadcast(flat, node, field, it->second))
        return error;
    }
    if (node.node.fields.count("bias"))
      if (Error error = fixBias(flat, node))
        return error;
  }
  for (const FlatNode &node : flat.nodes)
    remarkOddValues(flat, node);
  return Error::success();
}

} // namespace hillock::nir
