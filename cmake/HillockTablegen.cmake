# hillock_add_dialect_tablegen(TARGET FILE.td PREFIX DIALECT)
#
# Generates the .inc files of a dialect beside its sources in the build tree and
# the Markdown page of its manual in build/docs/dialects.
set(HILLOCK_TABLEGEN_INCLUDES -I ${CMAKE_SOURCE_DIR} -I ${MLIR_INCLUDE_DIRS})

function(hillock_tablegen output input)
  add_custom_command(
    OUTPUT ${output}
    COMMAND $<TARGET_FILE:mlir-tblgen> ${ARGN} -I ${CMAKE_SOURCE_DIR}
            -I ${MLIR_INCLUDE_DIRS} ${input} -o ${output}
            --write-if-changed -d ${output}.d
    DEPENDS ${input} ${HILLOCK_TD_FILES}
    DEPFILE ${output}.d
    COMMENT "TableGen ${output}")
endfunction()

function(hillock_add_dialect_tablegen target td prefix dialect)
  get_filename_component(stem ${td} NAME_WE)
  set(in ${CMAKE_CURRENT_SOURCE_DIR}/${td})
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${prefix})
  set(d -dialect=${dialect})
  hillock_tablegen(${out}Ops.h.inc ${in} -gen-op-decls)
  hillock_tablegen(${out}Ops.cpp.inc ${in} -gen-op-defs)
  hillock_tablegen(${out}Dialect.h.inc ${in} -gen-dialect-decls ${d})
  hillock_tablegen(${out}Dialect.cpp.inc ${in} -gen-dialect-defs ${d})
  hillock_tablegen(${out}Types.h.inc ${in} -gen-typedef-decls
                   -typedefs-dialect=${dialect})
  hillock_tablegen(${out}Types.cpp.inc ${in} -gen-typedef-defs
                   -typedefs-dialect=${dialect})
  hillock_tablegen(${out}Enums.h.inc ${in} -gen-enum-decls)
  hillock_tablegen(${out}Enums.cpp.inc ${in} -gen-enum-defs)
  hillock_tablegen(${out}Attrs.h.inc ${in} -gen-attrdef-decls
                   -attrdefs-dialect=${dialect})
  hillock_tablegen(${out}Attrs.cpp.inc ${in} -gen-attrdef-defs
                   -attrdefs-dialect=${dialect})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/docs/dialects)
  set(page ${CMAKE_BINARY_DIR}/docs/dialects/${dialect}.md)
  hillock_tablegen(${page} ${in} -gen-dialect-doc ${d})
  add_custom_target(${target} DEPENDS
    ${out}Ops.h.inc ${out}Ops.cpp.inc ${out}Dialect.h.inc
    ${out}Dialect.cpp.inc ${out}Types.h.inc ${out}Types.cpp.inc
    ${out}Enums.h.inc ${out}Enums.cpp.inc ${out}Attrs.h.inc
    ${out}Attrs.cpp.inc ${page})
endfunction()
