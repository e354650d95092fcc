//===- emulator/jit/LaneEmitter.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/jit/LaneEmitter.h"
#include "llvm/IR/IRBuilder.h"
#include <map>

namespace hillock::emu {

using image::Opcode;
using llvm::Value;
using Operand = LaneProgram::Operand;
using Operation = LaneProgram::Operation;

namespace {

/// Words of LaneCall, all of 64 bits.
enum Field {
  States,
  Params,
  Sums,
  Fires,
  Payloads,
  Padded,
  SeedHash,
  CoreBits,
  Step
};
static_assert(sizeof(LaneCall) == 9 * sizeof(uint64_t));

/// Lanes of a round of the loop: what all arrays are padded to.
constexpr unsigned width = lanePadding;

class Emitter {
public:
  Emitter(llvm::Module &module, const std::string &name,
          const LaneProgram &program, uint32_t shift)
      : builder(module.getContext()), program(program), shift(shift) {
    llvm::LLVMContext &context = module.getContext();
    pointer = llvm::PointerType::getUnqual(context);
    i64 = builder.getInt64Ty();
    lanes = llvm::FixedVectorType::get(builder.getInt32Ty(), width);
    wide = llvm::FixedVectorType::get(i64, width);
    auto *type = llvm::FunctionType::get(builder.getVoidTy(), {pointer}, false);
    function = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                      name, module);
    function->addFnAttr(llvm::Attribute::NoUnwind);
    function->addFnAttr("prefer-vector-width", "512");
  }

  void emit() {
    llvm::LLVMContext &context = builder.getContext();
    auto *entry = llvm::BasicBlock::Create(context, "entry", function);
    auto *loop = llvm::BasicBlock::Create(context, "loop", function);
    auto *end = llvm::BasicBlock::Create(context, "end", function);
    builder.SetInsertPoint(entry);
    loadPointers();
    Value *padded = field(Padded, i64);
    builder.CreateCondBr(builder.CreateICmpEQ(padded, builder.getInt64(0)), end,
                         loop);
    builder.SetInsertPoint(loop);
    auto *counter = builder.CreatePHI(i64, 2);
    counter->addIncoming(builder.getInt64(0), entry);
    lane = counter;
    round();
    Value *next = builder.CreateAdd(counter, builder.getInt64(width));
    counter->addIncoming(next, loop);
    builder.CreateCondBr(builder.CreateICmpULT(next, padded), loop, end);
    builder.SetInsertPoint(end);
    builder.CreateRetVoid();
  }

private:
  Value *field(unsigned number, llvm::Type *type) {
    return builder.CreateLoad(
        type, builder.CreateConstGEP1_64(i64, function->getArg(0), number));
  }

  void loadPointers() {
    Value *states = field(States, pointer), *params = field(Params, pointer);
    for (unsigned s = 0; s < program.stateCount(); ++s)
      arrays[program.scratchSlots() + s] = builder.CreateLoad(
          pointer, builder.CreateConstGEP1_64(pointer, states, s));
    for (unsigned p = 0; p < program.paramCount(); ++p)
      arrays[program.scratchSlots() + program.stateCount() + p] =
          builder.CreateLoad(pointer,
                             builder.CreateConstGEP1_64(pointer, params, p));
    sums = field(Sums, pointer);
    fires = field(Fires, pointer);
    payloads = field(Payloads, pointer);
    seedHash = field(SeedHash, i64);
    coreBits = field(CoreBits, i64);
    step = field(Step, i64);
  }

  Value *constant(int32_t value) {
    return llvm::ConstantInt::get(lanes, uint64_t(uint32_t(value)));
  }
  Value *wideConstant(uint64_t value) {
    return llvm::ConstantInt::get(wide, value);
  }
  Value *at(Value *array) {
    return builder.CreateGEP(builder.getInt32Ty(), array, lane);
  }
  Value *loadLanes(Value *array) {
    return builder.CreateAlignedLoad(lanes, at(array), llvm::Align(64));
  }
  void storeLanes(Value *value, Value *array) {
    builder.CreateAlignedStore(value, at(array), llvm::Align(64));
  }

  Value *read(const Operand &operand) {
    if (operand.scalar)
      return constant(operand.value);
    Value *&known = values[operand.slot];
    if (!known)
      known = loadLanes(arrays.at(operand.slot));
    return known;
  }
  bool isState(unsigned slot) const {
    return slot >= program.scratchSlots() &&
           slot < program.scratchSlots() + program.stateCount();
  }
  void write(unsigned slot, Value *value) {
    values[slot] = value;
    if (isState(slot))
      changed[slot] = true;
  }

  void round() {
    for (const Operation &op : program.code())
      write(op.d, compute(op));
    if (program.canFire())
      fire();
    for (const LaneProgram::StateWrite &w : program.stateWrites())
      write(program.scratchSlots() + w.state, read(w.value));
    for (const auto &[slot, stored] : changed)
      storeLanes(values.at(slot), arrays.at(slot));
  }

  void fire() {
    Value *bits = builder.CreateBitCast(isSet(read(program.fireOperand())),
                                        builder.getInt16Ty());
    Value *word = builder.CreateLShr(lane, 4);
    builder.CreateStore(bits,
                        builder.CreateGEP(builder.getInt16Ty(), fires, word));
    if (!program.payloadOperand().scalar)
      storeLanes(read(program.payloadOperand()), payloads);
  }

  Value *isSet(Value *value) {
    return builder.CreateICmpNE(value, constant(0));
  }
  Value *flag(llvm::CmpInst::Predicate predicate, Value *a, Value *b) {
    return builder.CreateZExt(builder.CreateICmp(predicate, a, b), lanes);
  }
  Value *smaller(llvm::CmpInst::Predicate predicate, Value *a, Value *b) {
    return builder.CreateSelect(builder.CreateICmp(predicate, a, b), a, b);
  }
  Value *amount(Value *b) { return builder.CreateAnd(b, constant(31)); }

  Value *compute(const Operation &op) {
    using Predicate = llvm::CmpInst;
    if (op.op == Opcode::Input)
      return input(op.imm);
    if (op.op == Opcode::Random)
      return random(op.imm);
    Value *a = read(op.a), *b = read(op.b);
    switch (op.op) {
    case Opcode::Add:
      return builder.CreateAdd(a, b);
    case Opcode::Sub:
      return builder.CreateSub(a, b);
    case Opcode::Mul:
      return builder.CreateMul(a, b);
    case Opcode::Shl:
      return builder.CreateShl(a, amount(b));
    case Opcode::Shr:
      return builder.CreateAShr(a, amount(b));
    case Opcode::And:
      return builder.CreateAnd(a, b);
    case Opcode::Or:
      return builder.CreateOr(a, b);
    case Opcode::Xor:
      return builder.CreateXor(a, b);
    case Opcode::Min:
      return smaller(Predicate::ICMP_SLT, a, b);
    case Opcode::Max:
      return smaller(Predicate::ICMP_SGT, a, b);
    case Opcode::CmpEq:
      return flag(Predicate::ICMP_EQ, a, b);
    case Opcode::CmpNe:
      return flag(Predicate::ICMP_NE, a, b);
    case Opcode::CmpLt:
      return flag(Predicate::ICMP_SLT, a, b);
    case Opcode::CmpLe:
      return flag(Predicate::ICMP_SLE, a, b);
    case Opcode::Select:
      return builder.CreateSelect(isSet(read(op.c)), a, b);
    case Opcode::Decay:
      return decay(op, a, b);
    case Opcode::MulShr:
      return builder.CreateTrunc(
          builder.CreateAShr(builder.CreateMul(builder.CreateSExt(a, wide),
                                               builder.CreateSExt(b, wide)),
                             wideConstant(uint64_t(op.imm & 63))),
          lanes);
    case Opcode::Wrap: {
      Value *up = constant(op.imm >= 31 ? 0 : (31 - op.imm) & 31);
      return builder.CreateAShr(builder.CreateShl(a, up), up);
    }
    default:
      return constant(0); // folded away by the lane compiler
    }
  }

  /// Injected values are not known here: who has some interprets the step.
  Value *input(int32_t port) {
    if (port != 0)
      return constant(0);
    return builder.CreateShl(loadLanes(sums), constant(int32_t(shift & 31)));
  }

  Value *magnitude(Value *x) {
    return builder.CreateSelect(builder.CreateICmpSLT(x, constant(0)),
                                builder.CreateSub(constant(0), x), x);
  }

  Value *decay(const Operation &op, Value *a, Value *b) {
    Value *m = magnitude(a), *f = magnitude(b), *result;
    uint32_t bits = uint32_t(op.imm);
    uint32_t factor =
        op.b.value < 0 ? 0u - uint32_t(op.b.value) : uint32_t(op.b.value);
    if (op.b.scalar && bits <= 15 && factor <= (1u << bits)) {
      // As lane::decaySmall().
      Value *by = constant(int32_t(bits));
      Value *high = builder.CreateLShr(m, by);
      Value *low = builder.CreateAnd(m, constant(int32_t((1u << bits) - 1)));
      result =
          builder.CreateAdd(builder.CreateMul(high, f),
                            builder.CreateLShr(builder.CreateMul(low, f), by));
    } else {
      Value *product = builder.CreateMul(builder.CreateZExt(m, wide),
                                         builder.CreateZExt(f, wide));
      result = builder.CreateTrunc(
          builder.CreateLShr(product, wideConstant(bits & 63)), lanes);
    }
    Value *negative =
        builder.CreateICmpSLT(builder.CreateXor(a, b), constant(0));
    return builder.CreateSelect(negative,
                                builder.CreateSub(constant(0), result), result);
  }

  /// As sm64() of base/Random.h.
  Value *sm64(Value *x) {
    x = builder.CreateAdd(x, wideConstant(0x9E3779B97F4A7C15u));
    x = builder.CreateMul(
        builder.CreateXor(x, builder.CreateLShr(x, wideConstant(30))),
        wideConstant(0xBF58476D1CE4E5B9u));
    x = builder.CreateMul(
        builder.CreateXor(x, builder.CreateLShr(x, wideConstant(27))),
        wideConstant(0x94D049BB133111EBu));
    return builder.CreateXor(x, builder.CreateLShr(x, wideConstant(31)));
  }

  /// As image::randomValue() of image::randomKey().
  Value *random(int32_t instruction) {
    auto splat = [&](Value *x) { return builder.CreateVectorSplat(width, x); };
    if (!randomKey) {
      std::vector<llvm::Constant *> offsets;
      for (unsigned i = 0; i < width; ++i)
        offsets.push_back(builder.getInt64(i));
      Value *place = builder.CreateAdd(splat(builder.CreateOr(coreBits, lane)),
                                       llvm::ConstantVector::get(offsets));
      Value *key = sm64(builder.CreateAdd(splat(seedHash), place));
      randomKey = sm64(builder.CreateAdd(key, splat(step)));
    }
    Value *drawn =
        sm64(builder.CreateAdd(randomKey, wideConstant(uint64_t(instruction))));
    return builder.CreateTrunc(builder.CreateLShr(drawn, wideConstant(32)),
                               lanes);
  }

  llvm::IRBuilder<> builder;
  const LaneProgram &program;
  uint32_t shift;
  llvm::Function *function = nullptr;
  llvm::Type *pointer = nullptr, *i64 = nullptr;
  llvm::FixedVectorType *lanes = nullptr, *wide = nullptr;
  std::map<unsigned, Value *> arrays, values; ///< by slot
  std::map<unsigned, bool> changed;           ///< states by slot
  Value *sums = nullptr, *fires = nullptr, *payloads = nullptr;
  Value *seedHash = nullptr, *coreBits = nullptr, *step = nullptr;
  Value *lane = nullptr, *randomKey = nullptr;
};

} // namespace

void emitLanes(llvm::Module &module, const std::string &name,
               const LaneProgram &program, uint32_t shift) {
  Emitter(module, name, program, shift).emit();
}

} // namespace hillock::emu
