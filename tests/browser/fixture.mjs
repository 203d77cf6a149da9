// What the Rust side has set up: addresses, sign-in links, the tenant's data.
export const fixture = JSON.parse(process.env.FIXTURE);

// Changes the directory while the script runs.
export async function emulator(method, path, body) {
  const answer = await fetch(`${fixture.emulator}/emulator/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

// The users, as the directory has them now.
export async function users() {
  const token = await fetch(`${fixture.emulator}/${fixture.tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: fixture.client,
      client_secret: fixture.secret,
      scope: `${fixture.emulator}/.default`,
    }),
  });
  const { access_token } = await token.json();
  const answer = await fetch(`${fixture.emulator}/v1.0/users?$top=999`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  return (await answer.json()).value;
}
