//! Functions by what a call of them means in a value that a stranger sent.

/// What a call means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// Waits, reads files, talks to the network, or fails with data in the error: nothing that a value has
    /// an honest use for.
    Hostile,
    /// Waits, and has a name that other languages use as well.
    Wait,
    /// Known to SQL: no word of prose before a bracket.
    Known,
}

const HOSTILE: &[&str] = &[
    "benchmark",
    "pg_sleep",
    "extractvalue",
    "updatexml",
    "load_file",
    "randomblob",
    "load_extension",
    "name_const",
    "gtid_subset",
    "gtid_subtract",
    "xmltype",
    "pg_read_file",
    "pg_ls_dir",
    "lo_import",
    "lo_export",
    "query_to_xml",
    "database_to_xml",
    "dblink",
    "openrowset",
    "opendatasource",
    "openquery",
    "httpuritype",
    "writefile",
    "sys_eval",
    "sys_exec",
    "procedure_analyse",
    "receive_message",
    "get_host_address",
    "drithsx",
    "json_keys",
    "pg_sleep_for",
    "st_latfromgeohash",
    "st_longfromgeohash",
    "xp_cmdshell",
    "xp_dirtree",
    "fn_xe_file_target_read_file",
];

const KNOWN: &[&str] = &[
    "ascii",
    "substring",
    "substr",
    "mid",
    "ord",
    "char",
    "chr",
    "unhex",
    "hex",
    "concat",
    "concat_ws",
    "group_concat",
    "version",
    "database",
    "user",
    "current_user",
    "system_user",
    "session_user",
    "convert",
    "cast",
    "elt",
    "if",
    "ifnull",
    "nullif",
    "isnull",
    "iif",
    "make_set",
    "count",
    "md5",
    "sha1",
    "rand",
    "floor",
    "length",
    "len",
    "left",
    "right",
    "lower",
    "upper",
    "generate_series",
    "db_name",
    "db_id",
    "host_name",
    "sqlite_version",
    "unicode",
    "coalesce",
    "exp",
    "power",
    "bin",
    "conv",
    "instr",
    "locate",
    "position",
    "strcmp",
    "now",
    "current_database",
    "to_char",
    "nvl",
    "decode",
    "rownum",
    "row_count",
    "sqrt",
    "sin",
    "pi",
    "zeroblob",
    "object_id",
    "is_srvrolemember",
    "serverproperty",
    "greatest",
    "least",
    "json_extract",
    "aes_decrypt",
    "compress",
    "geometrycollection",
    "polygon",
    "multipoint",
    "linestring",
    "rpad",
    "lpad",
    "repeat",
    "replace",
    "reverse",
    "space",
    "trim",
    "quote",
    "field",
    "min",
    "max",
    "sum",
    "avg",
];

/// What a call of this name means, when it is known to SQL.
pub(super) fn function(name: &[u8]) -> Option<Function> {
    let is = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
    if name.eq_ignore_ascii_case(b"sleep") {
        Some(Function::Wait)
    } else if HOSTILE.iter().any(is) {
        Some(Function::Hostile)
    } else if KNOWN.iter().any(is) {
        Some(Function::Known)
    } else {
        None
    }
}

/// Whether this is a package of Oracle, whose procedures reach beyond the data.
pub(super) fn is_hostile_package(name: &[u8]) -> bool {
    [&b"dbms_"[..], b"utl_", b"ctxsys"]
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}
