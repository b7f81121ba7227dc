//! Sockets: HTTP server, raw tap and capture. The only room that touches the network as a server for SCIM.
