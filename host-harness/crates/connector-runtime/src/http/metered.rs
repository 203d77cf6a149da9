//! `wasi:http/types` and `wasi:http/outgoing-handler` as the engine implements them, with what each
//! handle holds counted: the engine bounds one set of headers and the number of handles, and not their
//! product.
//!
//! What a component gets from a server counts like what it makes itself: both are in the host's memory.

use super::hooks::{OUTGOING_CHUNK, OUTGOING_CHUNKS};
use crate::meter::{BudgetSpent, Held};
use http::HeaderMap;
use wasmtime::Result;
use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable};
use wasmtime_wasi_http::p2::bindings::http::{outgoing_handler, types};
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingRequest, HostIncomingResponse, HostOutgoingRequest,
    HostOutgoingResponse, HostResponseOutparam,
};
use wasmtime_wasi_http::p2::{HeaderError, HeaderResult, HttpError, HttpResult};
use wasmtime_wasi_http::{FieldMap, RequestOptions, WasiHttpCtxView};

/// The longest method that is not one of the common ones; registered ones have at most 17 characters
/// (<https://www.iana.org/assignments/http-methods>).
const LONGEST_METHOD: usize = 64;

/// A header's places in the map, beside its text.
const HEADER: usize = 96;

/// What a body that is sent may have waiting to be sent.
const OUTGOING_BODY: usize = OUTGOING_CHUNK * (OUTGOING_CHUNKS + 1);

/// The view of a call in which handles are counted.
pub(crate) struct Holding<'a> {
    pub(crate) http: WasiHttpCtxView<'a>,
    pub(crate) held: &'a mut Held,
}

/// For the linker.
pub(crate) struct HoldingHttp;

impl HasData for HoldingHttp {
    type Data<'a> = Holding<'a>;
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + HEADER)
        .sum()
}

impl Holding<'_> {
    /// A set of headers has become what it is now.
    fn weigh(&mut self, fields: u32) -> Result<(), BudgetSpent> {
        let resource = Resource::<FieldMap>::new_borrow(fields);
        let bytes = self.http.table.get(&resource).map_or(0, |map| size(map));
        self.held.set(fields, bytes)
    }

    /// A handle that holds headers is there.
    fn made(&mut self, fields: Resource<FieldMap>) -> Result<Resource<FieldMap>> {
        self.weigh(fields.rep())?;
        Ok(fields)
    }
}

/// Functions that hold nothing more than before.
macro_rules! passed_on {
    ($trait:path: $($name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)*) => {
        $(fn $name(&mut self, $($argument: $type),*) -> $answer {
            <WasiHttpCtxView<'_> as $trait>::$name(&mut self.http, $($argument),*)
        })*
    };
}

/// Dropping a handle gives back what it held.
macro_rules! dropped {
    ($trait:path: $resource:ty) => {
        fn drop(&mut self, resource: Resource<$resource>) -> Result<()> {
            let handle = resource.rep();
            <WasiHttpCtxView<'_> as $trait>::drop(&mut self.http, resource)?;
            self.held.release(handle);
            Ok(())
        }
    };
}

impl types::Host for Holding<'_> {
    passed_on! { types::Host:
        convert_error_code(error: HttpError) -> Result<types::ErrorCode>;
        convert_header_error(error: HeaderError) -> Result<types::HeaderError>;
        http_error_code(error: Resource<types::IoError>) -> Result<Option<types::ErrorCode>>;
    }
}

impl types::HostFields for Holding<'_> {
    passed_on! { types::HostFields:
        new() -> Result<Resource<FieldMap>>;
        get(fields: Resource<FieldMap>, name: String) -> Result<Vec<Vec<u8>>>;
        has(fields: Resource<FieldMap>, name: String) -> Result<bool>;
        entries(fields: Resource<FieldMap>) -> Result<Vec<(String, Vec<u8>)>>;
    }
    dropped! { types::HostFields: FieldMap }

    fn from_list(&mut self, entries: Vec<(String, Vec<u8>)>) -> HeaderResult<Resource<FieldMap>> {
        let fields = types::HostFields::from_list(&mut self.http, entries)?;
        self.made(fields).map_err(HeaderError::trap)
    }

    fn set(
        &mut self,
        fields: Resource<FieldMap>,
        name: String,
        values: Vec<Vec<u8>>,
    ) -> HeaderResult<()> {
        let handle = fields.rep();
        types::HostFields::set(&mut self.http, fields, name, values)?;
        self.weigh(handle).map_err(HeaderError::trap)
    }

    fn delete(&mut self, fields: Resource<FieldMap>, name: String) -> HeaderResult<()> {
        let handle = fields.rep();
        types::HostFields::delete(&mut self.http, fields, name)?;
        self.weigh(handle).map_err(HeaderError::trap)
    }

    fn append(
        &mut self,
        fields: Resource<FieldMap>,
        name: String,
        value: Vec<u8>,
    ) -> HeaderResult<()> {
        let handle = fields.rep();
        let bytes = name.len() + value.len() + HEADER;
        types::HostFields::append(&mut self.http, fields, name, value)?;
        self.held.add(handle, bytes).map_err(HeaderError::trap)
    }

    fn clone(&mut self, fields: Resource<FieldMap>) -> Result<Resource<FieldMap>> {
        let fields = types::HostFields::clone(&mut self.http, fields)?;
        self.made(fields)
    }
}

impl types::HostOutgoingRequest for Holding<'_> {
    passed_on! { types::HostOutgoingRequest:
        method(request: Resource<HostOutgoingRequest>) -> Result<types::Method>;
        path_with_query(request: Resource<HostOutgoingRequest>) -> Result<Option<String>>;
        scheme(request: Resource<HostOutgoingRequest>) -> Result<Option<types::Scheme>>;
        set_scheme(request: Resource<HostOutgoingRequest>, scheme: Option<types::Scheme>)
            -> Result<Result<(), ()>>;
        authority(request: Resource<HostOutgoingRequest>) -> Result<Option<String>>;
    }
    dropped! { types::HostOutgoingRequest: HostOutgoingRequest }

    fn new(&mut self, headers: Resource<FieldMap>) -> Result<Resource<HostOutgoingRequest>> {
        let bytes = self.held.release(headers.rep());
        let request = types::HostOutgoingRequest::new(&mut self.http, headers)?;
        self.held.set(request.rep(), bytes)?;
        Ok(request)
    }

    fn body(
        &mut self,
        request: Resource<HostOutgoingRequest>,
    ) -> Result<Result<Resource<HostOutgoingBody>, ()>> {
        let handle = request.rep();
        let body = types::HostOutgoingRequest::body(&mut self.http, request)?;
        if body.is_ok() {
            // Of the request: what was written waits there, also when the body is finished.
            self.held.add(handle, OUTGOING_BODY)?;
        }
        Ok(body)
    }

    fn set_method(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        method: types::Method,
    ) -> Result<Result<(), ()>> {
        if matches!(&method, types::Method::Other(name) if name.len() > LONGEST_METHOD) {
            return Ok(Err(()));
        }
        types::HostOutgoingRequest::set_method(&mut self.http, request, method)
    }

    // The engine takes paths and authorities that a URI can have, at most 64 KiB. One that is set
    // again counts again: nobody sets it more than a few times.
    fn set_path_with_query(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        path: Option<String>,
    ) -> Result<Result<(), ()>> {
        self.held
            .add(request.rep(), path.as_ref().map_or(0, String::len))?;
        types::HostOutgoingRequest::set_path_with_query(&mut self.http, request, path)
    }

    fn set_authority(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        authority: Option<String>,
    ) -> Result<Result<(), ()>> {
        self.held
            .add(request.rep(), authority.as_ref().map_or(0, String::len))?;
        types::HostOutgoingRequest::set_authority(&mut self.http, request, authority)
    }

    fn headers(&mut self, request: Resource<HostOutgoingRequest>) -> Result<Resource<FieldMap>> {
        let fields = types::HostOutgoingRequest::headers(&mut self.http, request)?;
        self.made(fields)
    }
}

impl outgoing_handler::Host for Holding<'_> {
    fn handle(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        options: Option<Resource<RequestOptions>>,
    ) -> HttpResult<Resource<HostFutureIncomingResponse>> {
        let bytes = self.held.release(request.rep());
        let handed_over = options.as_ref().map(|options| options.rep());
        let sent = outgoing_handler::Host::handle(&mut self.http, request, options);
        // The options were handed over with the request; the engine would keep them until the call ends.
        if let Some(options) = handed_over {
            let options = Resource::<RequestOptions>::new_own(options);
            self.http.table.delete(options).map_err(HttpError::trap)?;
        }
        let pending = sent?;
        // The request is in the hands of whoever sends it, as long as the answer is waited for.
        self.held
            .set(pending.rep(), bytes)
            .map_err(HttpError::trap)?;
        Ok(pending)
    }
}

impl types::HostFutureIncomingResponse for Holding<'_> {
    passed_on! { types::HostFutureIncomingResponse:
        subscribe(pending: Resource<HostFutureIncomingResponse>) -> Result<Resource<DynPollable>>;
    }
    dropped! { types::HostFutureIncomingResponse: HostFutureIncomingResponse }

    fn get(
        &mut self,
        pending: Resource<HostFutureIncomingResponse>,
    ) -> Result<Option<Result<Result<Resource<HostIncomingResponse>, types::ErrorCode>, ()>>> {
        let came = types::HostFutureIncomingResponse::get(&mut self.http, pending)?;
        if let Some(Ok(Ok(response))) = &came {
            let handle = response.rep();
            let borrowed = Resource::<HostIncomingResponse>::new_borrow(handle);
            let bytes = size(&self.http.table.get(&borrowed)?.headers);
            self.held.set(handle, bytes)?;
        }
        Ok(came)
    }
}

impl types::HostIncomingResponse for Holding<'_> {
    passed_on! { types::HostIncomingResponse:
        status(response: Resource<HostIncomingResponse>) -> Result<types::StatusCode>;
        consume(response: Resource<HostIncomingResponse>)
            -> Result<Result<Resource<HostIncomingBody>, ()>>;
    }
    dropped! { types::HostIncomingResponse: HostIncomingResponse }

    fn headers(&mut self, response: Resource<HostIncomingResponse>) -> Result<Resource<FieldMap>> {
        let fields = types::HostIncomingResponse::headers(&mut self.http, response)?;
        self.made(fields)
    }
}

impl types::HostFutureTrailers for Holding<'_> {
    passed_on! { types::HostFutureTrailers:
        subscribe(trailers: Resource<HostFutureTrailers>) -> Result<Resource<DynPollable>>;
    }
    dropped! { types::HostFutureTrailers: HostFutureTrailers }

    fn get(
        &mut self,
        trailers: Resource<HostFutureTrailers>,
    ) -> Result<Option<Result<Result<Option<Resource<FieldMap>>, types::ErrorCode>, ()>>> {
        let came = types::HostFutureTrailers::get(&mut self.http, trailers)?;
        if let Some(Ok(Ok(Some(fields)))) = &came {
            self.weigh(fields.rep())?;
        }
        Ok(came)
    }
}

impl types::HostIncomingBody for Holding<'_> {
    passed_on! { types::HostIncomingBody:
        stream(body: Resource<HostIncomingBody>) -> Result<Result<Resource<DynInputStream>, ()>>;
        finish(body: Resource<HostIncomingBody>) -> Result<Resource<HostFutureTrailers>>;
    }
    dropped! { types::HostIncomingBody: HostIncomingBody }
}

impl types::HostOutgoingBody for Holding<'_> {
    passed_on! { types::HostOutgoingBody:
        write(body: Resource<HostOutgoingBody>) -> Result<Result<Resource<DynOutputStream>, ()>>;
    }
    dropped! { types::HostOutgoingBody: HostOutgoingBody }

    fn finish(
        &mut self,
        body: Resource<HostOutgoingBody>,
        trailers: Option<Resource<FieldMap>>,
    ) -> HttpResult<()> {
        // They wait with the request, of which nothing is known here.
        if let Some(trailers) = &trailers {
            self.held.keep_for_good(trailers.rep());
        }
        types::HostOutgoingBody::finish(&mut self.http, body, trailers)
    }
}

impl types::HostRequestOptions for Holding<'_> {
    passed_on! { types::HostRequestOptions:
        new() -> Result<Resource<RequestOptions>>;
        connect_timeout(options: Resource<RequestOptions>) -> Result<Option<types::Duration>>;
        set_connect_timeout(options: Resource<RequestOptions>, limit: Option<types::Duration>)
            -> Result<Result<(), ()>>;
        first_byte_timeout(options: Resource<RequestOptions>) -> Result<Option<types::Duration>>;
        set_first_byte_timeout(options: Resource<RequestOptions>, limit: Option<types::Duration>)
            -> Result<Result<(), ()>>;
        between_bytes_timeout(options: Resource<RequestOptions>) -> Result<Option<types::Duration>>;
        set_between_bytes_timeout(
            options: Resource<RequestOptions>, limit: Option<types::Duration>
        ) -> Result<Result<(), ()>>;
    }
    dropped! { types::HostRequestOptions: RequestOptions }
}

// A component answers no requests, so that only the responses that it could make up hold anything.

impl types::HostOutgoingResponse for Holding<'_> {
    passed_on! { types::HostOutgoingResponse:
        status_code(response: Resource<HostOutgoingResponse>) -> Result<types::StatusCode>;
        set_status_code(response: Resource<HostOutgoingResponse>, status: types::StatusCode)
            -> Result<Result<(), ()>>;
    }
    dropped! { types::HostOutgoingResponse: HostOutgoingResponse }

    fn new(&mut self, headers: Resource<FieldMap>) -> Result<Resource<HostOutgoingResponse>> {
        let bytes = self.held.release(headers.rep());
        let response = types::HostOutgoingResponse::new(&mut self.http, headers)?;
        self.held.set(response.rep(), bytes)?;
        Ok(response)
    }

    fn body(
        &mut self,
        response: Resource<HostOutgoingResponse>,
    ) -> Result<Result<Resource<HostOutgoingBody>, ()>> {
        let handle = response.rep();
        let body = types::HostOutgoingResponse::body(&mut self.http, response)?;
        if body.is_ok() {
            self.held.add(handle, OUTGOING_BODY)?;
        }
        Ok(body)
    }

    fn headers(&mut self, response: Resource<HostOutgoingResponse>) -> Result<Resource<FieldMap>> {
        let fields = types::HostOutgoingResponse::headers(&mut self.http, response)?;
        self.made(fields)
    }
}

impl types::HostIncomingRequest for Holding<'_> {
    passed_on! { types::HostIncomingRequest:
        method(request: Resource<HostIncomingRequest>) -> Result<types::Method>;
        path_with_query(request: Resource<HostIncomingRequest>) -> Result<Option<String>>;
        scheme(request: Resource<HostIncomingRequest>) -> Result<Option<types::Scheme>>;
        authority(request: Resource<HostIncomingRequest>) -> Result<Option<String>>;
        headers(request: Resource<HostIncomingRequest>) -> Result<Resource<FieldMap>>;
        consume(request: Resource<HostIncomingRequest>)
            -> Result<Result<Resource<HostIncomingBody>, ()>>;
    }
    dropped! { types::HostIncomingRequest: HostIncomingRequest }
}

impl types::HostResponseOutparam for Holding<'_> {
    passed_on! { types::HostResponseOutparam:
        set(out: Resource<HostResponseOutparam>,
            response: Result<Resource<HostOutgoingResponse>, types::ErrorCode>) -> Result<()>;
        send_informational(out: Resource<HostResponseOutparam>, status: u16,
            headers: Resource<FieldMap>) -> HttpResult<()>;
    }
    dropped! { types::HostResponseOutparam: HostResponseOutparam }
}
