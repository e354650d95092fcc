//===- backends/int4/Emitter.h - Writing integer code -----------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Short names for the few operations (arith, scf, llvm) that the kernels are
// made of. Addresses and loop counters are integers of the target's pointer
// width, so that no index type has to be converted.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BACKENDS_INT4_EMITTER_H
#define HILLOCK_BACKENDS_INT4_EMITTER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include <functional>

namespace hillock::int4 {

using mlir::Type;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

class Emitter {
public:
  /// \p tableAlignment: of constants, in bytes.
  Emitter(mlir::ModuleOp module, unsigned addressBits, unsigned tableAlignment);

  mlir::OpBuilder &builder() { return b; }
  Type i8() { return b.getI8Type(); }
  Type i16() { return b.getI16Type(); }
  Type i32() { return b.getI32Type(); }
  Type i64() { return b.getI64Type(); }
  Type address() { return addressType; }
  Type pointer() { return pointerType; }
  static Type vec(Type element, int64_t lanes);
  /// \p element for one lane, else a vector of it.
  static Type lanesOf(Type element, int64_t lanes);

  /// Constants; of a vector type all lanes are \p value.
  Value constant(Type type, int64_t value);
  Value at(int64_t value) { return constant(address(), value); }

  Value add(Value x, Value y) { return two<mlir::arith::AddIOp>(x, y); }
  Value add(Value x, int64_t y);
  Value sub(Value x, Value y) { return two<mlir::arith::SubIOp>(x, y); }
  Value mul(Value x, Value y) { return two<mlir::arith::MulIOp>(x, y); }
  Value mul(Value x, int64_t y);
  Value shl(Value x, Value y) { return two<mlir::arith::ShLIOp>(x, y); }
  Value sar(Value x, Value y) { return two<mlir::arith::ShRSIOp>(x, y); }
  Value shr(Value x, Value y) { return two<mlir::arith::ShRUIOp>(x, y); }
  Value both(Value x, Value y) { return two<mlir::arith::AndIOp>(x, y); }
  Value either(Value x, Value y) { return two<mlir::arith::OrIOp>(x, y); }
  Value exclusive(Value x, Value y) { return two<mlir::arith::XOrIOp>(x, y); }
  Value largest(Value x, Value y) { return two<mlir::arith::MaxSIOp>(x, y); }
  Value smallest(Value x, Value y) { return two<mlir::arith::MinSIOp>(x, y); }
  Value largestUnsigned(Value x, Value y) {
    return two<mlir::arith::MaxUIOp>(x, y);
  }
  Value smallestUnsigned(Value x, Value y) {
    return two<mlir::arith::MinUIOp>(x, y);
  }
  Value sext(Value x, Type type) { return to<mlir::arith::ExtSIOp>(x, type); }
  Value zext(Value x, Type type) { return to<mlir::arith::ExtUIOp>(x, type); }
  Value trunc(Value x, Type type) { return to<mlir::arith::TruncIOp>(x, type); }
  Value bitcast(Value x, Type type) {
    return to<mlir::LLVM::BitcastOp>(x, type);
  }
  Value splat(Value x, int64_t lanes);
  Value less(Value x, Value y); ///< signed
  Value select(Value c, Value x, Value y);
  Value shuffle(Value x, Value y, llvm::ArrayRef<int32_t> lanes);
  /// The first \p count of a vector's lanes: the vector itself for all.
  Value firstLanes(Value x, int64_t count);
  Value intrinsic(llvm::StringRef name, Type result,
                  llvm::ArrayRef<Value> operands);
  /// One without a result.
  void effect(llvm::StringRef name, llvm::ArrayRef<Value> operands);

  /// \p base + \p offset bytes.
  Value move(Value base, Value offset);
  Value move(Value base, int64_t offset);
  Value load(Type type, Value pointer, unsigned alignment = 1);
  void store(Value x, Value pointer, unsigned alignment = 1);
  /// Bytes of the stack, aligned to 64; not within loops.
  Value room(int64_t bytes);

  using Body = std::function<Values(Value counter, mlir::ValueRange carried)>;
  /// for (counter = 0; counter < count; ++counter); unrolled when count is 1.
  Values loop(int64_t count, mlir::ValueRange initial, const Body &body);
  Values loop(Value count, mlir::ValueRange initial, const Body &body);
  void loop(int64_t count, const std::function<void(Value)> &body);

  /// An internal constant of the module.
  Value table(llvm::StringRef name, llvm::ArrayRef<int8_t> bytes);
  Value table(llvm::StringRef name, llvm::ArrayRef<int32_t> words);

  /// A function of pointers; \p body gets them.
  void function(llvm::StringRef name, unsigned pointers, bool exported,
                const std::function<void(mlir::ValueRange)> &body);
  void call(llvm::StringRef name, mlir::ValueRange arguments);

private:
  template <typename Op> Value two(Value x, Value y) {
    return Op::create(b, loc, x, y);
  }
  template <typename Op> Value to(Value x, Type type) {
    return x.getType() == type ? x : Value(Op::create(b, loc, type, x));
  }
  Value table(llvm::StringRef name, mlir::DenseElementsAttr values,
              Type element, size_t count);
  mlir::ModuleOp module;
  mlir::OpBuilder b;
  mlir::Location loc;
  Type addressType, pointerType;
  unsigned tableAlignment;
};

} // namespace hillock::int4

#endif // HILLOCK_BACKENDS_INT4_EMITTER_H
