//===- dialects/neurocore/Values.h - Lists as attributes --------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists are one-dimensional tensors of signless integers: literals when short
// or uniform, resources otherwise, so that they are neither uniqued nor printed
// digit by digit.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_DIALECTS_NEUROCORE_VALUES_H
#define HILLOCK_DIALECTS_NEUROCORE_VALUES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace hillock::neurocore {

namespace detail {
/// Copies the elements of \p attr, a splat repeated, into \p out; false when
/// the element size differs or a resource has no data.
bool copyElements(mlir::ElementsAttr attr, size_t elementBytes, char *out);
mlir::ElementsAttr makeList(mlir::MLIRContext *context, const char *data,
                            size_t count, size_t elementBytes, size_t align,
                            llvm::StringRef name);
} // namespace detail

/// The elements of a list that listOf<T> made or checkList<T> accepted.
template <typename T> std::vector<T> numbers(mlir::ElementsAttr attr) {
  static_assert(std::is_integral_v<T>);
  std::vector<T> values(static_cast<size_t>(attr.getNumElements()));
  detail::copyElements(attr, sizeof(T),
                       reinterpret_cast<char *>(values.data()));
  return values;
}

/// A list of as many bits an element as T has. \p name is the name of the
/// resource if one is made (a number is appended when it is taken).
template <typename T>
mlir::ElementsAttr listOf(mlir::MLIRContext *context,
                          const std::vector<T> &values, llvm::StringRef name) {
  static_assert(std::is_integral_v<T>);
  return detail::makeList(context,
                          reinterpret_cast<const char *>(values.data()),
                          values.size(), sizeof(T), alignof(T), name);
}

/// An error on \p op unless \p attr is a one-dimensional list of integers of
/// \p bits bits with all of its data, and of \p size elements when given.
llvm::LogicalResult checkList(mlir::Operation *op, mlir::ElementsAttr attr,
                              llvm::StringRef name, unsigned bits,
                              std::optional<int64_t> size = {});

} // namespace hillock::neurocore

#endif // HILLOCK_DIALECTS_NEUROCORE_VALUES_H
