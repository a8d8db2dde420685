//! What the answers of the Worker and of its objects have in common.

use worker::{Response, Result};

use crate::problem::{MEDIA_TYPE, Problem};

/// `true` where the traffic that the answer tells of is invented, `false` where it is real or none.
pub(crate) const SIMULATED: &str = "Overflight-Simulated";

/// The answer, which says in a header whether the traffic that it tells of is invented.
pub(crate) fn marked(response: Response, simulated: bool) -> Result<Response> {
    response.headers().set(SIMULATED, &simulated.to_string())?;
    Ok(response)
}

/// A problem as an answer.
pub(crate) fn problem(problem: Problem) -> Result<Response> {
    let response =
        Response::builder().with_status(problem.status).fixed(problem.to_json().into_bytes());
    response.headers().set("Content-Type", MEDIA_TYPE)?;
    if let Some((name, value)) = &problem.header {
        response.headers().set(name, value)?;
    }
    Ok(response)
}
