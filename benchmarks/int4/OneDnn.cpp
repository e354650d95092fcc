//===- benchmarks/int4/OneDnn.cpp - oneDNN in float32 ---------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every primitive chooses its own (blocked) layouts; weights are reordered
// once, values only where two neighbours disagree. Clamps are post-ops.
//
//===----------------------------------------------------------------------===//
#include "benchmarks/int4/Peer.h"

#ifndef HILLOCK_ONEDNN

namespace hillock::bench {

Expected<std::unique_ptr<Peer>> makeOneDnn(const ann::Network &, int64_t) {
  return std::unique_ptr<Peer>();
}

} // namespace hillock::bench

#else

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

namespace hillock::bench {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;
constexpr auto f32 = memory::data_type::f32;
constexpr auto inference = dnnl::prop_kind::forward_inference;

class OneDnn final : public Peer {
public:
  OneDnn(const ann::Network &network, int64_t batch)
      : network(network), batch(batch), engine(dnnl::engine::kind::cpu, 0),
        stream(engine), values(network.values.size()) {
    input = memory({dims(network.input), f32, tagOf(network.input)}, engine);
    values[static_cast<size_t>(network.input)] = input;
    for (const ann::Layer &layer : network.layers)
      add(layer);
    output = memory({dims(network.output), f32, Tag::nc}, engine);
    values[static_cast<size_t>(network.output)] = reordered(
        values[static_cast<size_t>(network.output)], output.get_desc(), output);
  }

  void run(const float *in, float *out) override {
    input.set_data_handle(const_cast<float *>(in));
    output.set_data_handle(out);
    for (Step &step : steps)
      step.primitive.execute(stream, step.arguments);
    stream.wait();
  }

private:
  struct Step {
    dnnl::primitive primitive;
    std::unordered_map<int, memory> arguments;
  };

  memory::dims dims(int value) const {
    memory::dims all = {batch};
    const ann::Shape &shape = network.values[static_cast<size_t>(value)].shape;
    all.insert(all.end(), shape.begin(), shape.end());
    return all;
  }
  Tag tagOf(int value) const {
    return dims(value).size() == 4 ? Tag::nchw : Tag::nc;
  }
  memory::desc any(const memory::dims &of) const { return {of, f32, Tag::any}; }

  /// \p from in the layout of \p wanted: itself, or a step more.
  memory reordered(const memory &from, const memory::desc &wanted,
                   memory to = {}) {
    const bool given = static_cast<bool>(to);
    if (!given && from.get_desc() == wanted)
      return from;
    if (!given)
      to = memory(wanted, engine);
    steps.push_back(
        {dnnl::reorder(from, to), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}}});
    return to;
  }
  /// Constants are reordered now.
  memory constant(const float *data, const memory::dims &of, Tag tag,
                  const memory::desc &wanted) {
    memory plain({of, f32, tag}, engine, const_cast<float *>(data));
    memory to(wanted, engine);
    dnnl::reorder(plain, to).execute(stream, plain, to);
    stream.wait();
    return to;
  }
  memory bias(const ann::Layer &layer, const memory::desc &wanted) {
    std::vector<float> numbers(static_cast<size_t>(wanted.dims()[0]), 0.0F);
    std::copy(layer.bias.begin(), layer.bias.end(), numbers.begin());
    return constant(numbers.data(), wanted.dims(), Tag::a, wanted);
  }
  static dnnl::primitive_attr clamp(const ann::Layer &layer) {
    dnnl::primitive_attr attributes;
    dnnl::post_ops post;
    if (layer.low == 0 && !std::isfinite(layer.high))
      post.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
    else if (layer.clamps())
      post.append_eltwise(1, dnnl::algorithm::eltwise_clip, layer.low,
                          layer.high);
    attributes.set_post_ops(post);
    return attributes;
  }

  void add(const ann::Layer &layer) {
    switch (layer.kind) {
    case ann::Kind::Conv:
      return convolution(layer);
    case ann::Kind::Linear:
      return linear(layer);
    case ann::Kind::Reshape:
      // inner_product takes images; nothing is moved.
      values[static_cast<size_t>(layer.output)] =
          values[static_cast<size_t>(layer.inputs[0])];
      return;
    default:
      return pool(layer);
    }
  }

  void convolution(const ann::Layer &layer) {
    const ann::Window &w = layer.window;
    const memory &from = values[static_cast<size_t>(layer.inputs[0])];
    const memory::dims to = dims(layer.output);
    const int64_t groups = layer.groups, outputs = to[1];
    const int64_t channels = from.get_desc().dims()[1];
    const bool grouped = groups > 1;
    memory::dims shape = {outputs, channels / groups, w.kernel[0], w.kernel[1]};
    if (grouped)
      shape = {groups, outputs / groups, channels / groups, w.kernel[0],
               w.kernel[1]};
    const dnnl::convolution_forward::desc asked(
        inference, dnnl::algorithm::convolution_direct,
        any(from.get_desc().dims()), any(shape), {{outputs}, f32, Tag::a},
        any(to), {w.stride[0], w.stride[1]},
        {w.dilation[0] - 1, w.dilation[1] - 1}, {w.begin[0], w.begin[1]},
        {w.end[0], w.end[1]});
    const dnnl::convolution_forward::primitive_desc chosen(asked, clamp(layer),
                                                           engine);
    finish(layer, dnnl::convolution_forward(chosen),
           reordered(from, chosen.src_desc()), chosen.dst_desc(),
           constant(layer.weights.data(), shape,
                    grouped ? Tag::goihw : Tag::oihw, chosen.weights_desc()),
           bias(layer, chosen.bias_desc()));
  }

  void linear(const ann::Layer &layer) {
    const memory &from = values[static_cast<size_t>(layer.inputs[0])];
    const memory::dims to = dims(layer.output);
    memory::dims shape = from.get_desc().dims();
    shape[0] = to[1];
    const dnnl::inner_product_forward::desc asked(
        inference, any(from.get_desc().dims()), any(shape),
        {{to[1]}, f32, Tag::a}, any(to));
    const dnnl::inner_product_forward::primitive_desc chosen(
        asked, clamp(layer), engine);
    finish(layer, dnnl::inner_product_forward(chosen),
           reordered(from, chosen.src_desc()), chosen.dst_desc(),
           constant(layer.weights.data(), shape,
                    shape.size() == 4 ? Tag::oihw : Tag::oi,
                    chosen.weights_desc()),
           bias(layer, chosen.bias_desc()));
  }

  void pool(const ann::Layer &layer) {
    const ann::Window &w = layer.window;
    const memory &from = values[static_cast<size_t>(layer.inputs[0])];
    const dnnl::pooling_forward::desc asked(
        inference,
        layer.kind == ann::Kind::MaxPool
            ? dnnl::algorithm::pooling_max
            : dnnl::algorithm::pooling_avg_exclude_padding,
        from.get_desc(), any(dims(layer.output)), {w.stride[0], w.stride[1]},
        {w.kernel[0], w.kernel[1]}, {w.begin[0], w.begin[1]},
        {w.end[0], w.end[1]});
    const dnnl::pooling_forward::primitive_desc chosen(asked, engine);
    memory to(chosen.dst_desc(), engine);
    steps.push_back({dnnl::pooling_forward(chosen),
                     {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, to}}});
    values[static_cast<size_t>(layer.output)] = to;
  }

  void finish(const ann::Layer &layer, const dnnl::primitive &primitive,
              const memory &from, const memory::desc &wanted,
              const memory &weightsOf, const memory &biasOf) {
    memory to(wanted, engine);
    steps.push_back({primitive,
                     {{DNNL_ARG_SRC, from},
                      {DNNL_ARG_WEIGHTS, weightsOf},
                      {DNNL_ARG_BIAS, biasOf},
                      {DNNL_ARG_DST, to}}});
    values[static_cast<size_t>(layer.output)] = to;
  }

  const ann::Network &network;
  int64_t batch;
  dnnl::engine engine;
  dnnl::stream stream;
  std::vector<memory> values;
  std::vector<Step> steps;
  memory input, output;
};

} // namespace

Expected<std::unique_ptr<Peer>> makeOneDnn(const ann::Network &network,
                                           int64_t batch) {
  try {
    return std::make_unique<OneDnn>(network, batch);
  } catch (const dnnl::error &error) {
    return makeError(ErrorKind::Internal,
                     std::string("oneDNN refuses the network: ") + error.what(),
                     network.name);
  }
}

} // namespace hillock::bench

#endif
