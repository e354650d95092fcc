//===- dialects/crossbar/CrossbarDialect.cpp - Registration, verifiers ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/crossbar/Crossbar.h"
#include "dialects/neurocore/Values.h"
#include "mlir/IR/DialectImplementation.h"
#include <bitset>

using namespace mlir;
using namespace hillock;
using namespace hillock::crossbar;
using hillock::neurocore::checkList;
using hillock::neurocore::numbers;

#include "dialects/crossbar/CrossbarDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/crossbar/CrossbarOps.cpp.inc"

void CrossbarDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/crossbar/CrossbarOps.cpp.inc"
      >();
}

int32_t crossbar::entryOf(DictionaryAttr fields, StringRef name,
                          size_t neuron) {
  Attribute attr = fields ? fields.get(name) : Attribute();
  if (!attr)
    return 0;
  if (auto one = dyn_cast<IntegerAttr>(attr))
    return static_cast<int32_t>(one.getInt());
  return numbers<int32_t>(cast<ElementsAttr>(attr))[neuron];
}

RegionKind ChipOp::getRegionKind(unsigned) { return RegionKind::Graph; }

static int64_t product(ArrayRef<int64_t> shape) {
  int64_t n = 1;
  for (int64_t extent : shape)
    n *= extent;
  return n;
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

/// Dictionaries hold integers or i32 lists of \p size.
static LogicalResult checkFields(Operation *op, DictionaryAttr fields,
                                 int64_t size) {
  for (NamedAttribute field : fields) {
    if (isa<IntegerAttr>(field.getValue()))
      continue;
    auto list = dyn_cast<ElementsAttr>(field.getValue());
    if (!list)
      return op->emitOpError() << field.getName().getValue()
                               << " is neither an integer nor an i32 list";
    if (failed(checkList(op, list, field.getName().getValue(), 32, size)))
      return failure();
  }
  return success();
}

LogicalResult InputOp::verify() {
  const int64_t neurons = product(getShape());
  if (failed(checkList(*this, getFirst(), "first", 32, neurons + 1)))
    return failure();
  std::vector<uint32_t> first = numbers<uint32_t>(getFirst());
  if (first.front() != 0 || !llvm::is_sorted(first))
    return emitOpError("first does not begin with 0 or is not sorted");
  for (auto [list, name] :
       {std::pair(getVirtuals(), "virtual"), std::pair(getAddress(), "address"),
        std::pair(getWeight(), "weight")})
    if (failed(checkList(*this, list, name, 8, first.back())))
      return failure();
  auto virtuals = numbers<uint8_t>(getVirtuals());
  auto weight = numbers<int8_t>(getWeight());
  for (size_t i = 0; i < weight.size(); ++i)
    if (virtuals[i] > 1 || (virtuals[i] == 1) != (weight[i] != 0))
      return emitOpError()
             << "event " << i
             << ": virtual is 1 with a weight that is not 0, or 0 without one";
  return success();
}

LogicalResult AlwaysOp::verify() {
  if (failed(checkList(*this, getAddress(), "address", 8)))
    return failure();
  return checkList(*this, getTimes(), "times", 32,
                   getAddress().getNumElements());
}

LogicalResult PopulationOp::verify() {
  const int64_t neurons = product(getShape());
  if (failed(checkList(*this, getAddress(), "address", 8, neurons)))
    return failure();
  if (failed(checkFields(*this, getRegisters(), neurons)))
    return failure();
  return getInitial() ? checkFields(*this, *getInitial(), neurons) : success();
}

LogicalResult SynapsesOp::verify() {
  if (failed(checkList(*this, getSources(), "sources", 8)))
    return failure();
  auto chip = cast<ChipOp>((*this)->getParentOp());
  return checkList(*this, getWeights(), "weights", 8,
                   getSources().getNumElements() *
                       static_cast<int64_t>(chip.getSweep()));
}

LogicalResult OutputOp::verify() {
  return checkList(*this, getAddress(), "address", 8, product(getShape()));
}

LogicalResult ChipOp::verifyRegions() {
  if (getSweep() > static_cast<uint64_t>(addresses) || getQueue() < 1)
    return emitOpError() << "sweep is at most " << addresses
                         << ", queue at least 1";
  std::bitset<addresses> taken, rows;
  unsigned crossbars = 0;
  for (Operation &op : getBody().front()) {
    if (!isa<InputOp, AlwaysOp, PopulationOp, SynapsesOp, OutputOp>(op))
      return op.emitOpError("cannot stand in a crossbar.chip");
    if (auto population = dyn_cast<PopulationOp>(op))
      for (uint8_t address : numbers<uint8_t>(population.getAddress())) {
        if (taken[address] || address >= getSweep())
          return population.emitOpError() << "address " << unsigned(address)
                                          << " is used twice or is not swept";
        taken[address] = true;
      }
    if (auto synapses = dyn_cast<SynapsesOp>(op)) {
      if (++crossbars > 1)
        return synapses.emitOpError("is the second crossbar of the chip");
      for (uint8_t source : numbers<uint8_t>(synapses.getSources())) {
        if (rows[source])
          return synapses.emitOpError()
                 << "source " << unsigned(source) << " has two rows";
        rows[source] = true;
      }
    }
  }
  for (auto output : getBody().getOps<OutputOp>())
    for (uint8_t address : numbers<uint8_t>(output.getAddress()))
      if (!taken[address])
        return output.emitOpError()
               << "no neuron is at address " << unsigned(address);
  for (auto input : getBody().getOps<InputOp>()) {
    auto virtuals = numbers<uint8_t>(input.getVirtuals());
    auto address = numbers<uint8_t>(input.getAddress());
    for (size_t i = 0; i < address.size(); ++i)
      if (taken[address[i]] != (virtuals[i] == 1))
        return input.emitOpError()
               << "event " << i << " at address " << unsigned(address[i])
               << (virtuals[i] == 1 ? ": no neuron is there"
                                    : ": the row is that of a neuron");
  }
  return success();
}
