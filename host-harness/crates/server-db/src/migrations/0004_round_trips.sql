-- What a round trip to Microsoft is for: consent to the workspace's own application ('own-consent') or to the
-- platform's ('platform-consent'), or a sign-in ('sign-in') in the tenant with that id.
ALTER TABLE consents ADD COLUMN purpose TEXT NOT NULL DEFAULT 'own-consent';
ALTER TABLE consents ADD COLUMN tenant TEXT;
