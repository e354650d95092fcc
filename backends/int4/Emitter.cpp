//===- backends/int4/Emitter.cpp - Writing integer code -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/int4/Emitter.h"

namespace hillock::int4 {

using namespace mlir;

Emitter::Emitter(ModuleOp module, unsigned addressBits, unsigned tableAlignment)
    : module(module), b(module.getContext()), loc(b.getUnknownLoc()),
      addressType(b.getIntegerType(addressBits)),
      pointerType(LLVM::LLVMPointerType::get(module.getContext())),
      tableAlignment(tableAlignment) {
  b.setInsertionPointToEnd(module.getBody());
}

Type Emitter::vec(Type element, int64_t lanes) {
  return VectorType::get({lanes}, element);
}

Type Emitter::lanesOf(Type element, int64_t lanes) {
  return lanes == 1 ? element : vec(element, lanes);
}

Value Emitter::constant(Type type, int64_t value) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    Type element = vector.getElementType();
    const unsigned width = element.getIntOrFloatBitWidth();
    const APInt bits(width, static_cast<uint64_t>(value), true, true);
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(vector, bits));
  }
  const APInt bits(type.getIntOrFloatBitWidth(), static_cast<uint64_t>(value),
                   true, true);
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, bits));
}

Value Emitter::add(Value x, int64_t y) {
  return y == 0 ? x : add(x, constant(x.getType(), y));
}
Value Emitter::mul(Value x, int64_t y) {
  return y == 1 ? x : mul(x, constant(x.getType(), y));
}

Value Emitter::splat(Value x, int64_t lanes) {
  if (lanes == 1)
    return x;
  const Type type = vec(x.getType(), lanes);
  Value poison = LLVM::PoisonOp::create(b, loc, type);
  Value first = LLVM::InsertElementOp::create(b, loc, type, poison, x,
                                              constant(i32(), 0));
  return shuffle(first, poison,
                 SmallVector<int32_t>(static_cast<size_t>(lanes), 0));
}

Value Emitter::less(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
}
Value Emitter::select(Value c, Value x, Value y) {
  return arith::SelectOp::create(b, loc, c, x, y);
}
Value Emitter::shuffle(Value x, Value y, ArrayRef<int32_t> lanes) {
  return LLVM::ShuffleVectorOp::create(b, loc, x, y, lanes);
}
Value Emitter::firstLanes(Value x, int64_t count) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || count == type.getNumElements())
    return x;
  SmallVector<int32_t> kept;
  for (int64_t i = 0; i < count; ++i)
    kept.push_back(static_cast<int32_t>(i));
  return shuffle(x, x, kept);
}
Value Emitter::intrinsic(StringRef name, Type result,
                         ArrayRef<Value> operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, result, b.getStringAttr(name),
                                       ValueRange(operands))
      .getResult(0);
}

void Emitter::effect(StringRef name, ArrayRef<Value> operands) {
  LLVM::CallIntrinsicOp::create(b, loc, b.getStringAttr(name),
                                ValueRange(operands));
}

Value Emitter::move(Value base, Value offset) {
  return LLVM::GEPOp::create(b, loc, pointer(), i8(), base,
                             ArrayRef<LLVM::GEPArg>{LLVM::GEPArg(offset)});
}
Value Emitter::move(Value base, int64_t offset) {
  return offset == 0 ? base : move(base, at(offset));
}
Value Emitter::load(Type type, Value pointer, unsigned alignment) {
  return LLVM::LoadOp::create(b, loc, type, pointer, alignment);
}
void Emitter::store(Value x, Value pointer, unsigned alignment) {
  LLVM::StoreOp::create(b, loc, x, pointer, alignment);
}
Value Emitter::room(int64_t bytes) {
  // In the entry block: elsewhere the frame would have no size that the object
  // could tell.
  OpBuilder::InsertionGuard guard(b);
  Operation *op = b.getInsertionBlock()->getParentOp();
  auto function = dyn_cast<LLVM::LLVMFuncOp>(op);
  if (!function)
    function = op->getParentOfType<LLVM::LLVMFuncOp>();
  b.setInsertionPointToStart(&function.getBody().front());
  return LLVM::AllocaOp::create(b, loc, pointer(), i8(), at(bytes), 64);
}

Values Emitter::loop(int64_t count, ValueRange initial, const Body &body) {
  if (count == 1)
    return body(at(0), initial);
  return loop(at(count), initial, body);
}

Values Emitter::loop(Value count, ValueRange initial, const Body &body) {
  auto loop = scf::ForOp::create(b, loc, at(0), count, at(1), initial);
  OpBuilder::InsertionGuard guard(b);
  Block *block = loop.getBody();
  // Without carried values the builder has put a terminator there already.
  if (!block->empty())
    block->back().erase();
  b.setInsertionPointToStart(block);
  Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  return Values(loop.getResults().begin(), loop.getResults().end());
}

void Emitter::loop(int64_t count, const std::function<void(Value)> &body) {
  loop(count, ValueRange(), [&](Value counter, ValueRange) {
    body(counter);
    return Values();
  });
}

Value Emitter::table(StringRef name, DenseElementsAttr values, Type element,
                     size_t count) {
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    const Type array = LLVM::LLVMArrayType::get(element, count);
    LLVM::GlobalOp::create(b, loc, array, /*isConstant=*/true,
                           LLVM::Linkage::Internal, name, values,
                           tableAlignment);
  }
  return LLVM::AddressOfOp::create(b, loc, pointer(), name);
}

Value Emitter::table(StringRef name, ArrayRef<int8_t> bytes) {
  auto type = RankedTensorType::get({static_cast<int64_t>(bytes.size())}, i8());
  return table(name, DenseElementsAttr::get(type, bytes), i8(), bytes.size());
}

Value Emitter::table(StringRef name, ArrayRef<int32_t> words) {
  auto type =
      RankedTensorType::get({static_cast<int64_t>(words.size())}, i32());
  return table(name, DenseElementsAttr::get(type, words), i32(), words.size());
}

void Emitter::function(StringRef name, unsigned pointers, bool exported,
                       const std::function<void(ValueRange)> &body) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(module.getBody());
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  SmallVector<Type>(pointers, pointer()));
  auto function = LLVM::LLVMFuncOp::create(b, loc, name, type,
                                           exported ? LLVM::Linkage::External
                                                    : LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  body(entry->getArguments());
  LLVM::ReturnOp::create(b, loc, ValueRange());
}

void Emitter::call(StringRef name, ValueRange arguments) {
  LLVM::CallOp::create(b, loc, TypeRange(), name, arguments);
}

} // namespace hillock::int4
