//===- dialects/neurocore/Tables.cpp - A core and its tables --------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/Tables.h"
#include "dialects/neurocore/Values.h"

using namespace mlir;

namespace hillock::neurocore {

using image::CoreTables;

DictionaryAttr toDictionary(MLIRContext *context,
                            const image::FieldValues &values) {
  Builder builder(context);
  SmallVector<NamedAttribute> fields;
  for (const auto &[name, value] : values)
    fields.push_back(
        builder.getNamedAttr(name, builder.getI64IntegerAttr(value)));
  return builder.getDictionaryAttr(fields);
}

image::FieldValues fromDictionary(DictionaryAttr fields) {
  image::FieldValues values;
  for (NamedAttribute field : fields)
    values[field.getName().str()] =
        cast<IntegerAttr>(field.getValue()).getValue().getSExtValue();
  return values;
}

//===----------------------------------------------------------------------===//
// IR to tables
//===----------------------------------------------------------------------===//

static std::map<std::string, std::vector<int32_t>>
namedLists(DictionaryAttr dict) {
  std::map<std::string, std::vector<int32_t>> lists;
  for (NamedAttribute entry : dict)
    lists[entry.getName().str()] =
        numbers<int32_t>(cast<ElementsAttr>(entry.getValue()));
  return lists;
}

static void readCompartments(CompartmentsOp op, CoreTables &tables) {
  tables.compartments = static_cast<uint32_t>(op.getCount());
  for (Attribute profile : op.getProfiles())
    tables.compartmentProfiles.push_back(
        fromDictionary(cast<DictionaryAttr>(profile)));
  for (Attribute threshold : op.getThresholds())
    tables.thresholdProfiles.push_back(
        fromDictionary(cast<DictionaryAttr>(threshold)));
  tables.profileOf = numbers<uint8_t>(op.getProfileOf());
  tables.thresholdOf = numbers<uint8_t>(op.getThresholdOf());
  tables.compartmentFields = namedLists(op.getFields());
  tables.initialState = namedLists(op.getInitial());
}

static image::SynapseFormat fromAttr(FormatAttr attr) {
  image::SynapseFormat format;
  format.weightBits = static_cast<uint8_t>(attr.getBits());
  format.weightExp = static_cast<int8_t>(attr.getExponent());
  format.sign = static_cast<image::SignMode>(attr.getSign());
  format.compression = static_cast<image::Compression>(attr.getCompression());
  format.indexBits = static_cast<uint8_t>(attr.getIndexBits());
  format.delayBits = static_cast<uint8_t>(attr.getDelayBits());
  format.tagBits = static_cast<uint8_t>(attr.getTagBits());
  format.exponentOnSum = attr.getOnSum();
  return format;
}

static void readSynapses(SynapsesOp op, CoreTables &tables) {
  for (Attribute format : op.getFormats())
    tables.formats.push_back(fromAttr(cast<FormatAttr>(format)));
  tables.rows.first = numbers<uint32_t>(op.getFirst());
  tables.rows.format = numbers<uint8_t>(op.getFormatOf());
  tables.rows.target = numbers<uint16_t>(op.getTargets());
  tables.rows.mantissa = numbers<int16_t>(op.getMantissas());
  if (op.getDelays())
    tables.rows.delay = numbers<uint8_t>(*op.getDelays());
}

static void readAxonIn(AxonInOp op, CoreTables &tables) {
  std::vector<uint8_t> types = numbers<uint8_t>(op.getTypes());
  std::vector<uint32_t> firstRow = numbers<uint32_t>(op.getFirstRow());
  std::vector<uint16_t> popRows = numbers<uint16_t>(op.getPopRows());
  std::vector<uint16_t> cxBase = numbers<uint16_t>(op.getCxBase());
  for (size_t i = 0; i < types.size(); ++i)
    tables.axonsIn.push_back({static_cast<image::AxonType>(types[i]),
                              firstRow[i], popRows[i], cxBase[i]});
}

static void readAxonOut(AxonOutOp op, CoreTables &tables) {
  tables.outFirst = numbers<uint32_t>(op.getFirst());
  std::vector<uint8_t> types = numbers<uint8_t>(op.getTypes());
  std::vector<uint32_t> chip = numbers<uint32_t>(op.getChip());
  std::vector<uint32_t> core = numbers<uint32_t>(op.getCore());
  std::vector<uint16_t> axon = numbers<uint16_t>(op.getAxon());
  std::vector<uint16_t> atom = numbers<uint16_t>(op.getAtom());
  for (size_t i = 0; i < types.size(); ++i)
    tables.axonsOut.push_back({static_cast<image::AxonType>(types[i]), chip[i],
                               core[i], axon[i], atom[i]});
}

CoreTables coreTables(CoreOp core, uint32_t program) {
  CoreTables tables;
  tables.chip = static_cast<uint32_t>(core.chip());
  tables.core = static_cast<uint32_t>(core.getId());
  tables.program = program;
  tables.config = fromDictionary(core.getConfig());
  readCompartments(core.compartments(), tables);
  if (SynapsesOp synapses = core.synapses())
    readSynapses(synapses, tables);
  if (AxonInOp axonIn = core.axonIn())
    readAxonIn(axonIn, tables);
  if (AxonOutOp axonOut = core.axonOut())
    readAxonOut(axonOut, tables);
  else
    tables.outFirst.assign(tables.compartments + 1, 0);
  return tables;
}

CoreTables coreTables(CoreOp core) {
  uint32_t program = 0;
  if (auto system = core->getParentOfType<SystemOp>()) {
    std::vector<std::string> names = system.programs();
    program = static_cast<uint32_t>(llvm::find(names, core.getProgram()) -
                                    names.begin());
  }
  return coreTables(core, program);
}

//===----------------------------------------------------------------------===//
// Tables to IR
//===----------------------------------------------------------------------===//

static ArrayAttr toArray(Builder &builder,
                         const std::vector<image::FieldValues> &profiles) {
  SmallVector<Attribute> attrs;
  for (const image::FieldValues &profile : profiles)
    attrs.push_back(toDictionary(builder.getContext(), profile));
  return builder.getArrayAttr(attrs);
}

static DictionaryAttr
toLists(Builder &builder,
        const std::map<std::string, std::vector<int32_t>> &lists) {
  SmallVector<NamedAttribute> entries;
  for (const auto &[name, values] : lists)
    entries.push_back(
        builder.getNamedAttr(name, listOf(builder.getContext(), values, name)));
  return builder.getDictionaryAttr(entries);
}

static FormatAttr toAttr(MLIRContext *context,
                         const image::SynapseFormat &format) {
  return FormatAttr::get(context, format.weightBits, format.weightExp,
                         static_cast<Sign>(format.sign),
                         static_cast<Compression>(format.compression),
                         format.indexBits, format.delayBits, format.tagBits,
                         format.exponentOnSum);
}

/// One member of each struct as a list.
template <typename T, typename Struct, typename Get>
static ElementsAttr column(MLIRContext *context,
                           const std::vector<Struct> &rows, StringRef name,
                           Get get) {
  std::vector<T> values;
  values.reserve(rows.size());
  for (const Struct &row : rows)
    values.push_back(static_cast<T>(get(row)));
  return listOf(context, values, name);
}

static void buildSynapses(OpBuilder &builder, Location loc,
                          const CoreTables &tables) {
  MLIRContext *context = builder.getContext();
  SmallVector<Attribute> formats;
  for (const image::SynapseFormat &format : tables.formats)
    formats.push_back(toAttr(context, format));
  const image::SynapseRows &rows = tables.rows;
  SynapsesOp::create(builder, loc, builder.getArrayAttr(formats),
                     listOf(context, rows.first, "first"),
                     listOf(context, rows.format, "format_of"),
                     listOf(context, rows.target, "targets"),
                     listOf(context, rows.mantissa, "mantissas"),
                     rows.delay.empty()
                         ? ElementsAttr()
                         : listOf(context, rows.delay, "delays"));
}

static void buildAxons(OpBuilder &builder, Location loc,
                       const CoreTables &tables) {
  MLIRContext *context = builder.getContext();
  const std::vector<image::AxonIn> &in = tables.axonsIn;
  using In = const image::AxonIn &;
  if (!in.empty())
    AxonInOp::create(
        builder, loc,
        column<uint8_t>(context, in, "types", [](In a) { return a.type; }),
        column<uint32_t>(context, in, "first_row",
                         [](In a) { return a.firstRow; }),
        column<uint16_t>(context, in, "pop_rows",
                         [](In a) { return a.popRows; }),
        column<uint16_t>(context, in, "cx_base",
                         [](In a) { return a.cxBase; }));
  const std::vector<image::AxonOut> &out = tables.axonsOut;
  using Out = const image::AxonOut &;
  if (!out.empty())
    AxonOutOp::create(
        builder, loc, listOf(context, tables.outFirst, "first"),
        column<uint8_t>(context, out, "types", [](Out a) { return a.type; }),
        column<uint32_t>(context, out, "chip", [](Out a) { return a.chip; }),
        column<uint32_t>(context, out, "core", [](Out a) { return a.core; }),
        column<uint16_t>(context, out, "axon", [](Out a) { return a.axon; }),
        column<uint16_t>(context, out, "atom", [](Out a) { return a.atom; }));
}

CoreOp buildCore(OpBuilder &builder, Location loc, const CoreTables &tables,
                 StringRef program) {
  MLIRContext *context = builder.getContext();
  auto core = CoreOp::create(builder, loc, tables.core, program,
                             toDictionary(context, tables.config));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&core.getBody().emplaceBlock());
  CompartmentsOp::create(builder, loc, tables.compartments,
                         toArray(builder, tables.compartmentProfiles),
                         toArray(builder, tables.thresholdProfiles),
                         listOf(context, tables.profileOf, "profile_of"),
                         listOf(context, tables.thresholdOf, "threshold_of"),
                         toLists(builder, tables.compartmentFields),
                         toLists(builder, tables.initialState));
  if (tables.rows.rows() > 0 || !tables.formats.empty())
    buildSynapses(builder, loc, tables);
  buildAxons(builder, loc, tables);
  return core;
}

} // namespace hillock::neurocore
