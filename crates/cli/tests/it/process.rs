//! The binary as a child process.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

/// The binary with these arguments, not started yet.
pub fn scimscope(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimscope"));
    command
        .args(arguments)
        .env_remove("SCIMSCOPE_TOKEN")
        .env_remove("SCIMSCOPE_CONTROL_TOKEN")
        .env_remove("SCIMSCOPE_LOG");
    command
}

/// Runs the binary until it ends by itself.
pub fn output(arguments: &[&str]) -> Output {
    scimscope(arguments).output().expect("the binary starts")
}

/// A server that said it is ready. It ends with its owner.
pub struct Server {
    child: Child,
    /// The one line on standard output.
    pub line: String,
    rest: BufReader<std::process::ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// `serve` on free ports with these further arguments.
    pub fn start(further: &[&str]) -> Server {
        Server::start_in(further, &[])
    }

    /// The same with these variables in its environment.
    pub fn start_in(further: &[&str], variables: &[(&str, &Path)]) -> Server {
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"], further].concat();
        let mut command = scimscope(&arguments);
        command.envs(variables.iter().copied());
        Server::of(command)
    }

    /// Whatever starts one.
    pub fn of(mut command: Command) -> Server {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut rest = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        rest.read_line(&mut line).expect("a line");
        Server { child, line, rest }
    }

    /// The ready line as JSON.
    pub fn ready(&self) -> Value {
        serde_json::from_str(&self.line).unwrap_or_else(|error| panic!("{error}: {:?}", self.line))
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends SIGTERM and gives back how it ended, what else came on standard output, and standard error.
    pub fn terminate(mut self) -> (ExitStatus, String, String) {
        // The process itself, which may not be the one that was started.
        Command::new("kill").arg(self.ready()["pid"].to_string()).status().expect("kill");
        let status = self.child.wait().expect("it ends");
        let (mut out, mut err) = (String::new(), String::new());
        self.rest.read_to_string(&mut out).expect("text");
        self.child.stderr.take().expect("piped").read_to_string(&mut err).expect("text");
        (status, out, err)
    }
}

/// An HTTP answer: status, headers, body.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends one request. Any status is an answer.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    try_send(method, url, headers, body).unwrap_or_else(|error| panic!("{method} {url}: {error}"))
}

/// Sends one request to a server that may be gone before it answers.
pub fn try_send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer, ureq::Error> {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut answer = match body {
        "" => AGENT.run(request.body(())?)?,
        body => AGENT.run(request.body(body)?)?,
    };
    let body = answer.body_mut().read_to_string()?;
    Ok(Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body })
}

static AGENT: LazyLock<ureq::Agent> =
    LazyLock::new(|| ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into());
