use super::*;

fn one(body: &str) -> Response {
    let mut read = responses(body.as_bytes()).unwrap();
    assert_eq!(read.len(), 1);
    read.pop().unwrap()
}

#[test]
fn namespaces_are_known_by_their_uri_and_status_may_stand_before_or_behind() {
    for body in [
        "<multistatus xmlns=\"DAV:\" xmlns:CR=\"urn:ietf:params:xml:ns:carddav\"><response><href> /a/b.vcf\n</href>\
         <propstat><prop><getetag>\"1\"</getetag><CR:address-data>BEGIN</CR:address-data></prop>\
         <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>",
        "\u{feff}<?xml version='1.0' encoding='utf-8'?><!-- x --><n0:multistatus xmlns:n0='DAV:'><n0:response>\
         <n0:href>/a/b.vcf</n0:href><n0:propstat><n0:status>HTTP/1.1 200 OK</n0:status><n0:prop>\
         <n0:getetag>&quot;1&#34;</n0:getetag><x xmlns='urn:ietf:params:xml:ns:carddav'/>\
         <address-data xmlns='urn:ietf:params:xml:ns:carddav'><![CDATA[BEG]]>IN</address-data></n0:prop>\
         </n0:propstat></n0:response></n0:multistatus>",
    ] {
        let response = one(body);
        assert_eq!(response.href, "/a/b.vcf");
        assert_eq!(response.found.etag.as_deref(), Some("\"1\""));
        assert_eq!(response.found.card.as_deref(), Some("BEGIN"));
    }
}

#[test]
fn what_is_of_another_namespace_or_another_place_means_nothing() {
    let response = one(
        "<multistatus xmlns=\"DAV:\" xmlns:x=\"urn:x\" xmlns:c=\"urn:ietf:params:xml:ns:carddav\"><response>\
         <href>/a</href><error><href>/not/this</href></error><propstat><prop><x:getetag>x</x:getetag>\
         <owner><href>/nor/this</href></owner><c:getetag>x</c:getetag><x:resourcetype><collection/>\
         </x:resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>",
    );
    assert_eq!(response.href, "/a");
    assert_eq!(response.found, Found::default());
}

#[test]
fn what_was_not_found_is_not_there() {
    let response = one(
        "<multistatus xmlns=\"DAV:\"><response><href>/a</href><propstat><prop><getetag>\"old\"</getetag>\
         <resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 404 Not Found</status></propstat>\
         <propstat><prop><getetag>\"1\"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>\
         </multistatus>",
    );
    assert_eq!(response.found.etag.as_deref(), Some("\"1\""));
    assert_eq!(response.found.kinds, None);
    let gone = one(
        "<multistatus xmlns=\"DAV:\"><response><href>/a</href><status>HTTP/1.1 404 Not Found</status></response>\
         </multistatus>",
    );
    assert_eq!(gone.status, Some(404));
}

#[test]
fn an_address_book_says_what_it_is_what_it_takes_and_what_may_be_done() {
    let response = one(
        "<multistatus xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:carddav\"><response><href>/a/</href><propstat>\
         <prop><resourcetype><collection/><c:addressbook/><x xmlns=\"urn:x\"/></resourcetype>\
         <c:supported-address-data><c:address-data-type content-type=\"text/vcard\" version=\"4.0\"/>\
         <c:content-type content-type=\"TEXT/vcard\" version=\"3.0\"/><c:address-data-type \
         content-type=\"application/vcard+json\" version=\"4.0\"/></c:supported-address-data>\
         <current-user-privilege-set><privilege><read/></privilege><privilege><write-content/></privilege>\
         <privilege><c:read/></privilege></current-user-privilege-set></prop>\
         <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>",
    );
    use Privilege::{Other, Read, Write};
    let found = response.found;
    let kinds = [Kind::Collection, Kind::AddressBook, Kind::Other];
    assert_eq!(found.kinds.as_deref(), Some(&kinds[..]));
    assert_eq!(found.versions, [Version::V4, Version::V3]);
    assert_eq!(found.privileges.as_deref(), Some(&[Read, Write, Other][..]));
}

#[test]
fn entities_are_never_expanded_and_what_is_not_whole_is_not_read() {
    let inside = "<response><href>/a</href></response>";
    let deep = "<x>".repeat(100) + &"</x>".repeat(100);
    for body in [
        "".to_owned(),
        "<html><body>Sign in</body></html>".to_owned(),
        format!("<multistatus>{inside}</multistatus>"),
        format!("<multistatus xmlns=\"DAV:\">{inside}"),
        format!(
            "<!DOCTYPE x [<!ENTITY a \"b\">]><multistatus xmlns=\"DAV:\">{inside}</multistatus>"
        ),
        "<multistatus xmlns=\"DAV:\"><response><href>&a;</href></response></multistatus>"
            .to_owned(),
        format!("<multistatus xmlns=\"DAV:\">{deep}</multistatus>"),
    ] {
        assert_eq!(responses(body.as_bytes()), Err(Unreadable), "{body}");
    }
    assert_eq!(
        responses(b"<multistatus xmlns=\"DAV:\">\xff</multistatus>"),
        Err(Unreadable)
    );
    assert_eq!(responses(b"<multistatus xmlns=\"DAV:\"/>"), Ok(vec![]));
}

#[test]
fn a_refusal_is_known_by_the_name_of_its_condition() {
    let body = "<?xml version='1.0'?><error xmlns=\"DAV:\"><C:no-uid-conflict \
                xmlns:C=\"urn:ietf:params:xml:ns:carddav\"><href>/a</href></C:no-uid-conflict></error>";
    assert_eq!(
        condition(body.as_bytes()).as_deref(),
        Some("no-uid-conflict")
    );
    for body in [
        "",
        "no XML",
        "<html><error/></html>",
        "<error xmlns=\"urn:x\"><a/></error>",
    ] {
        assert_eq!(condition(body.as_bytes()), None, "{body}");
    }
}
