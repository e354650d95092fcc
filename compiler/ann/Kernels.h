//===- compiler/ann/Kernels.h - Loops over windows --------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops that real and integer evaluation share. A product is made by a
// policy: a multiplication, or for logarithmic weights a shift.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_ANN_KERNELS_H
#define HILLOCK_COMPILER_ANN_KERNELS_H

#include "compiler/ann/Network.h"

namespace hillock::ann {

/// acc[i] += w * x[i * stride].
struct Multiply {
  template <typename Acc, typename In, typename Weight>
  static void row(Acc *acc, const In *x, int64_t n, int64_t stride, Weight w) {
    if (stride == 1)
      for (int64_t i = 0; i < n; ++i)
        acc[i] += static_cast<Acc>(w) * static_cast<Acc>(x[i]);
    else
      for (int64_t i = 0; i < n; ++i)
        acc[i] += static_cast<Acc>(w) * static_cast<Acc>(x[i * stride]);
  }
};

/// acc[i] +- x[i * stride] << ((|code| - 1) * Step): the weight is a sign and
/// a power of 2^Step, code 0 is the weight 0.
template <unsigned Step> struct ShiftBy {
  template <typename Acc, typename In, typename Weight>
  static void row(Acc *acc, const In *x, int64_t n, int64_t stride,
                  Weight code) {
    if (code == 0)
      return;
    const unsigned shift =
        (static_cast<unsigned>(code < 0 ? -code : code) - 1) * Step;
    if (code > 0)
      for (int64_t i = 0; i < n; ++i)
        acc[i] += static_cast<Acc>(x[i * stride]) << shift;
    else
      for (int64_t i = 0; i < n; ++i)
        acc[i] -= static_cast<Acc>(x[i * stride]) << shift;
  }
};

/// The positions p of 0 .. count-1 with 0 <= p * stride + offset < size.
inline void validRange(int64_t offset, int64_t stride, int64_t size,
                       int64_t count, int64_t &first, int64_t &last) {
  first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  last = offset >= size ? 0 : (size - offset + stride - 1) / stride;
  if (last > count)
    last = count;
  if (first > last)
    first = last;
}

/// Adds the products of one input plane (rows x columns) and one kernel to an
/// output plane.
template <typename Product, typename Acc, typename In, typename Weight>
void addPlane(Acc *acc, const In *x, const Weight *w, const Window &window,
              const Shape &in, const Shape &out) {
  if (window.isPointwise()) {
    if (*w != Weight(0))
      Product::row(acc, x, in[1] * in[2], 1, *w);
    return;
  }
  for (int64_t ky = 0; ky < window.kernel[0]; ++ky) {
    int64_t y0, y1;
    const int64_t dy = ky * window.dilation[0] - window.begin[0];
    validRange(dy, window.stride[0], in[1], out[1], y0, y1);
    for (int64_t kx = 0; kx < window.kernel[1]; ++kx) {
      int64_t x0, x1;
      const int64_t dx = kx * window.dilation[1] - window.begin[1];
      validRange(dx, window.stride[1], in[2], out[2], x0, x1);
      const Weight weight = w[ky * window.kernel[1] + kx];
      if (x0 == x1 || weight == Weight(0))
        continue;
      for (int64_t y = y0; y < y1; ++y)
        Product::row(acc + y * out[2] + x0,
                     x + (y * window.stride[0] + dy) * in[2] +
                         x0 * window.stride[1] + dx,
                     x1 - x0, window.stride[1], weight);
    }
  }
}

/// acc (O, H', W') += input (C, H, W) * weights (O, C/groups, K, K).
template <typename Product, typename Acc, typename In, typename Weight>
void convolve(Acc *acc, const In *x, const Weight *w, const Window &window,
              int64_t groups, const Shape &in, const Shape &out) {
  const int64_t inputs = in[0] / groups, filters = out[0] / groups;
  const int64_t cells = window.kernel[0] * window.kernel[1];
  for (int64_t o = 0; o < out[0]; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      addPlane<Product>(acc + o * out[1] * out[2],
                        x + (o / filters * inputs + i) * in[1] * in[2],
                        w + (o * inputs + i) * cells, window, in, out);
}

/// acc (O) += weights (O, I) * input (I).
template <typename Acc, typename In, typename Weight>
void multiplyMatrix(Acc *acc, const In *x, const Weight *w, int64_t inputs,
                    int64_t outputs) {
  for (int64_t o = 0; o < outputs; ++o) {
    Acc sum = 0;
    for (int64_t i = 0; i < inputs; ++i)
      sum += static_cast<Acc>(w[o * inputs + i]) * static_cast<Acc>(x[i]);
    acc[o] += sum;
  }
}

/// Calls cell(plane offset) for the cells of a window that lie in the input,
/// and returns how many cells there are with the declared padding.
template <typename Cell>
int64_t visitWindow(const Window &window, const Shape &in, int64_t y, int64_t x,
                    const Cell &cell) {
  int64_t counted = 0;
  for (int64_t ky = 0; ky < window.kernel[0]; ++ky)
    for (int64_t kx = 0; kx < window.kernel[1]; ++kx) {
      const int64_t row =
          y * window.stride[0] + ky * window.dilation[0] - window.begin[0];
      const int64_t column =
          x * window.stride[1] + kx * window.dilation[1] - window.begin[1];
      if (row < in[1] + window.end[0] && column < in[2] + window.end[1])
        ++counted;
      if (row >= 0 && row < in[1] && column >= 0 && column < in[2])
        cell(row * in[2] + column);
    }
  return counted;
}

/// Calls visit(input element, output element) for all of a transposition.
template <typename Visit>
void visitTransposed(const Shape &in, const std::vector<int64_t> &permutation,
                     const Visit &visit) {
  const size_t rank = in.size();
  std::vector<int64_t> strides(rank, 1), index(rank, 0);
  for (size_t a = rank; a-- > 1;)
    strides[a - 1] = strides[a] * in[a];
  const int64_t count = countElements(in).value_or(0);
  int64_t from = 0;
  for (int64_t to = 0; to < count; ++to) {
    visit(from, to);
    for (size_t a = rank; a-- > 0;) {
      const auto axis = static_cast<size_t>(permutation[a]);
      from += strides[axis];
      if (++index[a] < in[axis])
        break;
      from -= strides[axis] * in[axis];
      index[a] = 0;
    }
  }
}

} // namespace hillock::ann

#endif // HILLOCK_COMPILER_ANN_KERNELS_H
