//! How real identity providers speak SCIM: recognise, tolerate, explain, say in a sentence.
