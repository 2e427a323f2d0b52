//! `[client_address]`: whose word about the client's address is taken.

use std::net::IpAddr;

use http::HeaderName;
use ipnet::IpNet;

use super::ClientSettings;
use crate::build_error::BuildError;
use crate::document::{At, Table};

/// Reads the table, and the line of each network into `lines`.
pub(super) fn clients(mut table: Table<'_>, lines: &mut Vec<usize>) -> Result<ClientSettings, BuildError> {
    let proxies = table.strings("trusted_proxies")?.unwrap_or_default();
    let trusted_proxies = proxies.iter().map(network).collect::<Result<Vec<_>, _>>()?;
    lines.extend(proxies.iter().map(|proxy| proxy.line));
    let header = table.string("header")?;
    let name = header.as_ref().map(header_name).transpose()?;
    match (&header, trusted_proxies.is_empty()) {
        (Some(header), true) => {
            return Err(header
                .error("`header` without `trusted_proxies`: any client could write its own address")
                .mend("name the networks of your proxies: trusted_proxies = [\"10.0.0.0/8\"]"));
        }
        (None, false) => {
            return Err(table
                .error("`trusted_proxies` without `header`: the address would be that of the proxy")
                .mend("name the header that they set: header = \"x-forwarded-for\""));
        }
        _ => {}
    }
    table.finish()?;
    Ok(ClientSettings { trusted_proxies, header: name })
}

fn header_name(text: &At<&str>) -> Result<String, BuildError> {
    HeaderName::from_bytes(text.value.as_bytes())
        .map(|name| name.as_str().to_owned())
        .map_err(|_| text.error(format!("`{}` is no header name", text.value.escape_debug())))
}

/// A network, or a single address.
fn network(text: &At<&str>) -> Result<IpNet, BuildError> {
    if let Ok(address) = text.value.parse::<IpAddr>() {
        return Ok(address.into());
    }
    let network: IpNet = text.value.parse().map_err(|_| {
        text.error(format!("`{}` is no network and no address", text.value.escape_debug()))
            .mend("write one like 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7")
    })?;
    if network != network.trunc() {
        let mend = format!("did you mean `{}` or `{}`?", network.trunc(), network.addr());
        return Err(text.error(format!("`{network}` names a host and a network")).mend(mend));
    }
    Ok(network)
}
