//===- tests/unit/compiler/frontend/onnx/Maker.h ----------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_ONNX_MAKER_H
#define HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_ONNX_MAKER_H

#include "compiler/ann/RealEval.h"
#include "compiler/frontend/onnx/Import.h"
#include "compiler/frontend/onnx/Reader.h"
#include "onnx/onnx.pb.h"
#include <gtest/gtest.h>

namespace hillock {

/// A model under construction; nodes are named after their outputs.
struct Maker {
  ::onnx::ModelProto model;
  explicit Maker(std::vector<int64_t> shape, int64_t opset = 13) {
    model.add_opset_import()->set_version(opset);
    auto *graph = model.mutable_graph();
    graph->set_name("test");
    auto *input = graph->add_input();
    input->set_name("x");
    auto *type = input->mutable_type()->mutable_tensor_type();
    type->set_elem_type(1);
    for (const int64_t size : shape) {
      auto *dim = type->mutable_shape()->add_dim();
      if (size == -1)
        dim->set_dim_param("N");
      else
        dim->set_dim_value(size);
    }
    graph->add_output()->set_name("y");
  }
  Maker &tensor(const std::string &name, std::vector<int64_t> shape,
                std::vector<float> values) {
    auto *proto = model.mutable_graph()->add_initializer();
    proto->set_name(name);
    proto->set_data_type(1);
    for (const int64_t size : shape)
      proto->add_dims(size);
    for (const float value : values)
      proto->add_float_data(value);
    return *this;
  }
  /// Codes of an ONNX type: 2 uint8, 3 int8.
  Maker &codes(const std::string &name, int type, std::vector<int64_t> shape,
               std::vector<int32_t> values) {
    auto *proto = model.mutable_graph()->add_initializer();
    proto->set_name(name);
    proto->set_data_type(type);
    for (const int64_t size : shape)
      proto->add_dims(size);
    for (const int32_t value : values)
      proto->add_int32_data(value);
    return *this;
  }
  Maker &integers(const std::string &name, std::vector<int64_t> values) {
    auto *proto = model.mutable_graph()->add_initializer();
    proto->set_name(name);
    proto->set_data_type(7);
    proto->add_dims(static_cast<int64_t>(values.size()));
    for (const int64_t value : values)
      proto->add_int64_data(value);
    return *this;
  }
  Maker &node(const std::string &op, std::vector<std::string> inputs,
              const std::string &output,
              std::map<std::string, std::vector<int64_t>> attributes = {}) {
    auto *proto = model.mutable_graph()->add_node();
    proto->set_op_type(op);
    proto->set_name(output);
    for (const std::string &input : inputs)
      proto->add_input(input);
    proto->add_output(output);
    for (const auto &[name, values] : attributes) {
      auto *attribute = proto->add_attribute();
      attribute->set_name(name);
      const bool list = values.size() != 1 || name == "kernel_shape";
      attribute->set_type(list ? ::onnx::AttributeProto::INTS
                               : ::onnx::AttributeProto::INT);
      if (list)
        for (const int64_t value : values)
          attribute->add_ints(value);
      else
        attribute->set_i(values[0]);
    }
    return *this;
  }
  Expected<ann::Network> network() {
    auto parsed =
        hillock::onnx::parseModel(model.SerializeAsString(), "m.onnx");
    if (!parsed)
      return parsed.takeError();
    return hillock::onnx::importNetwork(*parsed, "m.onnx");
  }
  std::vector<float> run(std::vector<float> x, size_t layers) {
    auto net = network();
    if (!net) {
      ADD_FAILURE() << takeText(net.takeError());
      return {};
    }
    EXPECT_EQ(net->layers.size(), layers);
    ann::RealRunner runner(*net);
    const auto out = runner.run(x);
    return {out.begin(), out.end()};
  }
  std::string error() {
    auto net = network();
    if (net)
      return "no error";
    return takeText(net.takeError());
  }
};

} // namespace hillock

#endif // HILLOCK_TESTS_UNIT_COMPILER_FRONTEND_ONNX_MAKER_H
