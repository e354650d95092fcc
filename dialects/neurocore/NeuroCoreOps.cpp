//===- dialects/neurocore/NeuroCoreOps.cpp - Local verifiers --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/NeuroCore.h"
#include "dialects/neurocore/Values.h"
#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace hillock::neurocore;

#define GET_OP_CLASSES
#include "dialects/neurocore/NeuroCoreOps.cpp.inc"

/// Getters of i64 attributes are unsigned.
static bool isNegative(uint64_t value) {
  return static_cast<int64_t>(value) < 0;
}

//===----------------------------------------------------------------------===//
// Containers
//===----------------------------------------------------------------------===//

RegionKind SystemOp::getRegionKind(unsigned) { return RegionKind::Graph; }
RegionKind ChipOp::getRegionKind(unsigned) { return RegionKind::Graph; }
RegionKind CoreOp::getRegionKind(unsigned) { return RegionKind::Graph; }

std::vector<CoreOp> SystemOp::cores() {
  std::vector<CoreOp> result;
  for (ChipOp chip : getBody().front().getOps<ChipOp>())
    for (CoreOp core : chip.getBody().front().getOps<CoreOp>())
      result.push_back(core);
  llvm::stable_sort(result, [](CoreOp a, CoreOp b) {
    return std::pair(a.chip(), a.getId()) < std::pair(b.chip(), b.getId());
  });
  return result;
}

std::vector<std::string> SystemOp::programs() {
  std::vector<std::string> names;
  for (CoreOp core : cores())
    if (!llvm::is_contained(names, core.getProgram()))
      names.push_back(core.getProgram().str());
  return names;
}

/// Only \p Allowed stand in the body of \p op.
template <typename... Allowed> static LogicalResult checkBody(Operation *op) {
  for (Operation &inner : op->getRegion(0).front())
    if (!isa<Allowed...>(inner))
      return inner.emitOpError() << "may not stand in " << op->getName();
  return success();
}

LogicalResult ChipOp::verifyRegions() {
  if (isNegative(getId()))
    return emitOpError() << "id is " << int64_t(getId());
  return checkBody<CoreOp>(*this);
}

int64_t CoreOp::chip() { return cast<ChipOp>((*this)->getParentOp()).getId(); }

template <typename T> static T first(CoreOp core) {
  auto ops = core.getBody().front().getOps<T>();
  return ops.empty() ? T() : *ops.begin();
}
CompartmentsOp CoreOp::compartments() { return first<CompartmentsOp>(*this); }
SynapsesOp CoreOp::synapses() { return first<SynapsesOp>(*this); }
AxonInOp CoreOp::axonIn() { return first<AxonInOp>(*this); }
AxonOutOp CoreOp::axonOut() { return first<AxonOutOp>(*this); }

/// A dictionary of integers, as a register word is.
static LogicalResult checkFields(Operation *op, DictionaryAttr fields,
                                 StringRef name) {
  for (NamedAttribute field : fields)
    if (!isa<IntegerAttr>(field.getValue()))
      return op->emitOpError()
             << name << ": field '" << field.getName().getValue()
             << "' is not an integer";
  return success();
}

LogicalResult CoreOp::verifyRegions() {
  if (isNegative(getId()))
    return emitOpError() << "id is " << int64_t(getId());
  if (failed(checkFields(*this, getConfig(), "config")) ||
      failed(checkBody<CompartmentsOp, SynapsesOp, AxonInOp, AxonOutOp>(*this)))
    return failure();
  llvm::SmallDenseSet<OperationName, 4> seen;
  for (Operation &op : getBody().front())
    if (!seen.insert(op.getName()).second)
      return op.emitOpError() << "is the second of its core; there is one at "
                                 "most";
  if (!compartments())
    return emitOpError() << "has no neurocore.compartments";
  return success();
}

//===----------------------------------------------------------------------===//
// Memories
//===----------------------------------------------------------------------===//

static LogicalResult checkProfiles(CompartmentsOp op, ArrayAttr profiles,
                                   ElementsAttr of, StringRef profilesName,
                                   StringRef name) {
  if (failed(checkList(op, of, name, 8, op.getCount())))
    return failure();
  for (Attribute profile : profiles)
    if (failed(checkFields(op, cast<DictionaryAttr>(profile), profilesName)))
      return failure();
  for (auto [c, number] : llvm::enumerate(numbers<uint8_t>(of)))
    if (number >= profiles.size())
      return op.emitOpError()
             << name << "[" << c << "] is " << int(number) << ", but there are "
             << profiles.size() << " " << profilesName;
  return success();
}

LogicalResult CompartmentsOp::verify() {
  if (isNegative(getCount()))
    return emitOpError() << "count is " << int64_t(getCount());
  if (failed(checkProfiles(*this, getProfiles(), getProfileOf(), "profiles",
                           "profile_of")) ||
      failed(checkProfiles(*this, getThresholds(), getThresholdOf(),
                           "thresholds", "threshold_of")))
    return failure();
  for (DictionaryAttr dict : {getFields(), getInitial()})
    for (NamedAttribute entry : dict) {
      auto values = dyn_cast<ElementsAttr>(entry.getValue());
      if (!values)
        return emitOpError()
               << "'" << entry.getName().getValue() << "' is not a list";
      if (failed(checkList(*this, values,
                           "'" + entry.getName().getValue().str() + "'", 32,
                           getCount())))
        return failure();
    }
  return success();
}

/// first[] cuts \p count entries into \p parts pieces.
static LogicalResult checkFirst(Operation *op, ElementsAttr first,
                                std::optional<int64_t> parts, int64_t count,
                                StringRef what) {
  std::optional<int64_t> size;
  if (parts)
    size = *parts + 1;
  if (failed(checkList(op, first, "first", 32, size)))
    return failure();
  std::vector<uint32_t> values = numbers<uint32_t>(first);
  if (values.empty() || values.front() != 0 || values.back() != count ||
      !llvm::is_sorted(values))
    return op->emitOpError() << "first must rise from 0 to " << count
                             << ", the number of " << what;
  return success();
}

LogicalResult SynapsesOp::verify() {
  const int64_t count = getTargets().getNumElements();
  if (failed(checkList(*this, getTargets(), "targets", 16)) ||
      failed(checkList(*this, getMantissas(), "mantissas", 16, count)) ||
      failed(checkList(*this, getFormatOf(), "format_of", 8)))
    return failure();
  if (getDelays() && failed(checkList(*this, *getDelays(), "delays", 8, count)))
    return failure();
  if (failed(checkFirst(*this, getFirst(), getFormatOf().getNumElements(),
                        count, "synapses")))
    return failure();
  for (auto [row, format] : llvm::enumerate(numbers<uint8_t>(getFormatOf())))
    if (format >= getFormats().size())
      return emitOpError() << "row " << row << " has format " << int(format)
                           << ", but there are " << getFormats().size();
  return success();
}

static LogicalResult checkTypes(Operation *op, ElementsAttr types) {
  for (auto [i, type] : llvm::enumerate(numbers<uint8_t>(types)))
    if (type > 2)
      return op->emitOpError() << "types[" << i << "] is " << int(type)
                               << "; 0 is discrete, 1 pop16, 2 pop32";
  return success();
}

LogicalResult AxonInOp::verify() {
  const int64_t count = getTypes().getNumElements();
  if (failed(checkList(*this, getTypes(), "types", 8)) ||
      failed(checkList(*this, getFirstRow(), "first_row", 32, count)) ||
      failed(checkList(*this, getPopRows(), "pop_rows", 16, count)) ||
      failed(checkList(*this, getCxBase(), "cx_base", 16, count)) ||
      failed(checkTypes(*this, getTypes())))
    return failure();
  std::vector<uint8_t> types = numbers<uint8_t>(getTypes());
  for (auto [i, rows] : llvm::enumerate(numbers<uint16_t>(getPopRows())))
    if (rows == 0 || (rows > 1 && types[i] == 0))
      return emitOpError() << "axon " << i << " has " << rows << " rows; "
                           << (types[i] == 0 ? "a discrete axon has one"
                                             : "it needs at least one");
  return success();
}

LogicalResult AxonOutOp::verify() {
  const int64_t count = getTypes().getNumElements();
  if (failed(checkList(*this, getTypes(), "types", 8)) ||
      failed(checkList(*this, getChip(), "chip", 32, count)) ||
      failed(checkList(*this, getCore(), "core", 32, count)) ||
      failed(checkList(*this, getAxon(), "axon", 16, count)) ||
      failed(checkList(*this, getAtom(), "atom", 16, count)) ||
      failed(checkTypes(*this, getTypes())))
    return failure();
  return checkFirst(*this, getFirst(), std::nullopt, count, "output slots");
}

//===----------------------------------------------------------------------===//
// Host and people
//===----------------------------------------------------------------------===//

/// The number of neurons of a shape; fails on an axis below 1.
static FailureOr<int64_t> checkShape(Operation *op, ArrayRef<int64_t> shape) {
  int64_t neurons = 1;
  for (int64_t size : shape) {
    if (size < 1 || neurons > (int64_t(1) << 31) / size)
      return op->emitOpError() << "an axis of the shape has size " << size;
    neurons *= size;
  }
  return neurons;
}

LogicalResult hillock::neurocore::InputOp::verify() {
  FailureOr<int64_t> neurons = checkShape(*this, getShape());
  if (failed(neurons))
    return failure();
  const int64_t count = getAxon().getNumElements();
  if (failed(checkList(*this, getChip(), "chip", 32, count)) ||
      failed(checkList(*this, getCore(), "core", 32, count)) ||
      failed(checkList(*this, getAxon(), "axon", 16, count)) ||
      failed(checkList(*this, getAtom(), "atom", 16, count)))
    return failure();
  return checkFirst(*this, getFirst(), *neurons, count, "destinations");
}

static LogicalResult checkPlaces(Operation *op, int64_t count,
                                 ElementsAttr chip, ElementsAttr core,
                                 ElementsAttr compartment) {
  return success(
      succeeded(checkList(op, chip, "chip", 32, count)) &&
      succeeded(checkList(op, core, "core", 32, count)) &&
      succeeded(checkList(op, compartment, "compartment", 16, count)));
}

LogicalResult OutputOp::verify() {
  FailureOr<int64_t> neurons = checkShape(*this, getShape());
  if (failed(neurons) || failed(checkPlaces(*this, *neurons, getChip(),
                                            getCore(), getCompartment())))
    return failure();
  if (isNegative(getLag()))
    return emitOpError() << "lag is a number of steps, not "
                         << int64_t(getLag());
  if (!(getScale().convertToDouble() > 0))
    return emitOpError() << "scale is not positive";
  return success();
}

LogicalResult PopulationOp::verify() {
  FailureOr<int64_t> neurons = checkShape(*this, getShape());
  if (failed(neurons) ||
      failed(checkPlaces(*this, getIsInput() ? 0 : *neurons, getChip(),
                         getCore(), getCompartment())))
    return failure();
  if (isNegative(getLag()) || isNegative(getSynapses()) ||
      isNegative(getBits()))
    return emitOpError() << "lag, synapses and bits must not be negative";
  return success();
}

LogicalResult RouteOp::verify() {
  if (getFrom().size() != 2 || getTo().size() != 2)
    return emitOpError() << "from and to are a chip and a core each";
  if (isNegative(getMessages()))
    return emitOpError() << "messages is " << int64_t(getMessages());
  ArrayRef<int64_t> path = getPath();
  if (path.size() % 2)
    return emitOpError() << "path has an x without a y";
  for (size_t i = 2; i < path.size(); i += 2)
    if (std::abs(path[i] - path[i - 2]) + std::abs(path[i + 1] - path[i - 1]) !=
        1)
      return emitOpError() << "path jumps from tile (" << path[i - 2] << ", "
                           << path[i - 1] << ") to (" << path[i] << ", "
                           << path[i + 1] << "); tiles have four neighbours";
  return success();
}

LogicalResult ProbeOp::verify() {
  if (getPopulation().has_value() == getCore().has_value())
    return emitOpError() << "needs either a population or a core";
  if (getCore() && getCore()->size() != 2)
    return emitOpError() << "names a core by its chip and its number";
  return success();
}
